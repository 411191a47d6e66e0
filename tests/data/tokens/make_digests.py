"""What transformers' fast tokenizers make of sentences, as a digest a sentence.

    python3 make_digests.py [--backbone DIR]

Writes `sample.txt` from the project's own sample and, where the real files are at hand, `evidence.txt` and `ewt.txt`
beside this file; README.md says what they hold. DIR is where `make backbone` puts the small backbone.
"""

import argparse
import gzip
import json
import os
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
REAL = ROOT.parent / "shared/data"
TINY = ["bert-tiny", "roberta-tiny", "xlm-roberta-tiny"]
SMALL = "all-minilm-l6-v2"

Sentence = tuple[str, list[str]]  # its text, and its words


def conllu(path: Path) -> Iterator[Sentence]:
    """The sentences of a CoNLL-U file; lines of multiword tokens and empty nodes are no words."""
    text, words = "", []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("# text = "):
            text = line.removeprefix("# text = ")
        elif line and not line.startswith("#"):
            fields = line.split("\t")
            if fields[0].isdigit():
                words.append(fields[1])
        elif not line and words:
            yield text, words
            text, words = "", []


def trex(path: Path) -> Iterator[Sentence]:
    """The sentences of a file of T-REx."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        documents = json.load(file)
    for document in documents:
        text = document["text"]
        for first, last in document["sentences_boundaries"]:
            words = [text[start:end] for start, end in document["words_boundaries"] if first <= start and end <= last]
            if words:
                yield text[first:last], words


def spans(number: int, words: int) -> list[tuple[int, int]]:
    """First and last word of a subject and an object: anywhere, apart, one in the other, the same, crossing."""
    subject, object_ = number % words, (7 * number + 3) % words
    return [
        (subject, min(subject + number // 2 % 4, words - 1)),
        (object_, min(object_ + number // 3 % 3, words - 1)),
    ]


class Tokens:
    """A tokenizer, and what ktrain reads of it."""

    def __init__(self, folder: Path) -> None:
        # As the file says it: the classes of each family of models would set parts of it anew.
        self.tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
        self.start, self.end, self.unknown = (self.one(*names) for names in (["<s>", "[CLS]"], ["</s>", "[SEP]"], ["<unk>", "[UNK]"]))
        self.markers = [self.one("@"), self.one("#")]

    def one(self, *names: str) -> int:
        vocabulary = self.tokenizer.get_vocab()
        return next(vocabulary[name] for name in names if name in vocabulary)

    def bare(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def segment(self, words: list[str]) -> list[int]:
        """Words between two markers, tokenised as one text with a leading space. A word of which nothing is left (a control
        character, say) stands as the unknown token."""
        ids, together = [], []
        for word in [*words, None]:
            if word is not None and self.bare(" " + word):
                together.append(word)
                continue
            ids += self.bare(" " + " ".join(together)) if together else []
            ids += [] if word is None else [self.unknown]
            together = []
        return ids

    def marked(self, words: list[str], subject: tuple[int, int], object_: tuple[int, int]) -> list[int]:
        """`<s> w @ subject @ w # object # w </s>`. Of two markers at one place, the outer entity's opens first and closes
        last; of two equal entities the subject is the outer one."""
        marks = []
        for entity, (first, last) in enumerate([subject, object_]):
            marks.append(((first, 1, -last, entity), first, self.markers[entity]))
            marks.append(((last + 1, 0, -first, -entity), last + 1, self.markers[entity]))
        ids, done = [self.start], 0
        for _, place, marker in sorted(marks):
            ids += [*self.segment(words[done:place]), marker]
            done = place
        return [*ids, *self.segment(words[done:]), self.end]

    def all(self, number: int, sentence: Sentence) -> str:
        """The tokens of the words, of the words with two marked entities, and of the text."""
        text, words = sentence
        whole = [self.start, *self.segment(words), self.end]
        line = [self.start, *self.segment(text.split()), self.end]
        return "\n".join(" ".join(map(str, ids)) for ids in (whole, self.marked(words, *spans(number, len(words))), line))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument("--backbone", type=Path, default=cache / "ktrain/backbone" / SMALL)
    folders = [*(HERE.parent / "backbone" / name for name in TINY), parser.parse_args().backbone]
    tokenizers = [Tokens(folder) for folder in folders]

    sample = ROOT / "data/sample"
    sources = {
        "sample": [*conllu(sample / "deps/parses.conllu"), *trex(sample / "trex/re-nlg_25-75.json")],
        "evidence": islice(trex(REAL / "trex/evidence/re-nlg_0-4000.json.gz"), 1000) if REAL.is_dir() else None,
        "ewt": islice(conllu(REAL / "deps/conllu/en_ewt-ud-dev.conllu"), 1000) if REAL.is_dir() else None,
    }
    for name, sentences in sources.items():
        if sentences is None:
            print(f"{name}: left as it is, {REAL} is not there")
            continue
        lines = [" ".join([*TINY, SMALL])]
        for number, sentence in enumerate(sentences):
            digests = (sha256(tokens.all(number, sentence).encode()).hexdigest()[:8] for tokens in tokenizers)
            lines.append(" ".join(digests))
        (HERE / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{name}: {len(lines) - 1} sentences")


if __name__ == "__main__":
    main()
