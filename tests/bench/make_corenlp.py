"""The trees of a CoNLL-U file as CoreNLP and the Stanford Parser print them, to measure readers with.

    python3 tests/bench/make_corenlp.py FILE.conllu FOLDER --times N

Writes parses.xml, parses.json, parses.out and parses.stp: what `-outputFormat xml`, `json` and `text` of CoreNLP 4 give
(words with their annotations, a Penn tree, then basic, enhanced and enhanced++ dependencies) and what lexparser gives with
`wordsAndTags,penn,typedDependencies`. The sentences come N times. Every list of dependencies has the basic ones: lists that
are read over cost the same whatever they say.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr


@dataclass
class Token:
    number: int
    form: str
    lemma: str
    tag: str
    head: int
    label: str
    begin: int


def sentences(path: Path) -> Iterator[list[Token]]:
    """Sentences of at least two words, without empty nodes and ranges of words."""
    words: list[Token] = []
    begin = 0
    for line in [*path.read_text("utf-8").split("\n"), ""]:
        columns = line.split("\t")
        if not line and words:
            if len(words) > 1:
                yield words
            words = []
        elif len(columns) == 10 and columns[0].isdigit():
            # Typed dependencies are told apart by blanks.
            form, lemma = (columns[i].replace(" ", "\u00a0") for i in (1, 2))
            words.append(Token(int(columns[0]), form, lemma, columns[4], int(columns[6]), columns[7], begin))
            begin += len(form) + 1


def form_of(words: list[Token], number: int) -> str:
    return words[number - 1].form if number else "ROOT"


def penn(words: list[Token]) -> str:
    """A flat tree, indented as theirs are."""
    bracket = {"(": "-LRB-", ")": "-RRB-"}
    leaves = "".join(f"\n    ({w.tag} {bracket.get(w.form, w.form)})" for w in words)
    return f"(ROOT\n  (S{leaves}))"


def xml(words: list[Token], number: int) -> str:
    tokens = "".join(
        f'          <token id="{w.number}">\n            <word>{escape(w.form)}</word>\n            <lemma>{escape(w.lemma)}</lemma>\n'
        f"            <CharacterOffsetBegin>{w.begin}</CharacterOffsetBegin>\n            <CharacterOffsetEnd>{w.begin + len(w.form)}</CharacterOffsetEnd>\n"
        f"            <POS>{escape(w.tag)}</POS>\n            <NER>O</NER>\n            <Speaker>PER0</Speaker>\n          </token>\n"
        for w in words
    )
    arcs = "".join(
        f'          <dep type={quoteattr("root" if w.head == 0 else w.label)}>\n            <governor idx="{w.head}">{escape(form_of(words, w.head))}</governor>\n'
        f'            <dependent idx="{w.number}">{escape(w.form)}</dependent>\n          </dep>\n'
        for w in words
    )
    kinds = ["basic", "collapsed", "collapsed-ccprocessed", "enhanced", "enhanced-plus-plus"]
    lists = "".join(f'        <dependencies type="{kind}-dependencies">\n{arcs}        </dependencies>\n' for kind in kinds)
    return (
        f'      <sentence id="{number}">\n        <tokens>\n{tokens}        </tokens>\n        <parse>{escape(penn(words))} </parse>\n'
        f"{lists}      </sentence>\n"
    )


def as_json(words: list[Token], number: int) -> str:
    arcs = [
        {"dep": "ROOT" if w.head == 0 else w.label, "governor": w.head, "governorGloss": form_of(words, w.head), "dependent": w.number, "dependentGloss": w.form}
        for w in words
    ]
    tokens = [
        {
            "index": w.number, "word": w.form, "originalText": w.form, "lemma": w.lemma, "characterOffsetBegin": w.begin,
            "characterOffsetEnd": w.begin + len(w.form), "pos": w.tag, "ner": "O", "speaker": "PER0", "before": " ", "after": " ",
        }  # fmt: skip
        for w in words
    ]
    sentence = {
        "index": number - 1,
        "parse": penn(words),
        "basicDependencies": arcs,
        "enhancedDependencies": arcs,
        "enhancedPlusPlusDependencies": arcs,
        "entitymentions": [],
        "tokens": tokens,
    }
    text = json.dumps(sentence, ensure_ascii=False, indent=2)
    return "    " + text.replace("\n", "\n    ")


def typed(words: list[Token]) -> str:
    return "\n".join(
        f"{'root' if w.head == 0 else w.label}({form_of(words, w.head)}-{w.head}, {w.form}-{w.number})" for w in words
    )  # fmt: skip


def text(words: list[Token], number: int) -> str:
    tokens = "\n".join(
        f"[Text={w.form} CharacterOffsetBegin={w.begin} CharacterOffsetEnd={w.begin + len(w.form)} PartOfSpeech={w.tag} Lemma={w.lemma} NamedEntityTag=O]"
        for w in words
    )
    raw = " ".join(w.form for w in words)
    return (
        f"Sentence #{number} ({len(words)} tokens):\n{raw}\n\nTokens:\n{tokens}\n\nConstituency parse: \n{penn(words)}\n\n\n"
        f"Dependency Parse (basic dependencies):\n{typed(words)}\n\nDependency Parse (enhanced plus plus dependencies):\n{typed(words)}\n\n"
    )


def stp(words: list[Token]) -> str:
    return f"{' '.join(f'{w.form}/{w.tag}' for w in words)}\n\n{penn(words)}\n\n{typed(words)}\n\n"


def write(trees: list[list[Token]], folder: Path, copies: dict[str, int]) -> None:
    """Files with these sentences, so many times in each by the end of its name."""
    folder.mkdir(parents=True, exist_ok=True)
    numbered = list(enumerate(trees, start=1))
    xml_head = '<?xml version="1.0" encoding="UTF-8"?>\n<root>\n  <document>\n    <sentences>\n'
    files = {
        "xml": (xml_head, "".join(xml(words, i) for i, words in numbered), "", "    </sentences>\n  </document>\n</root>\n"),
        "json": ('{\n  "sentences": [\n', ",\n".join(as_json(words, i) for i, words in numbered), ",\n", "\n  ]\n}\n"),
        "out": ("", "".join(text(words, i) for i, words in numbered), "", ""),
        "stp": ("", "".join(stp(words) for words in trees), "", ""),
    }
    for end, (head, body, between, tail) in files.items():
        with (folder / f"parses.{end}").open("w", encoding="utf-8") as file:
            file.write(head)
            for i in range(copies[end]):
                file.write((between if i else "") + body)
            file.write(tail)


def main() -> None:
    parser = argparse.ArgumentParser(description="CoNLL-U as CoreNLP and the Stanford Parser print it")
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=1)
    args = parser.parse_args()
    write(list(sentences(args.source)), args.folder, dict.fromkeys(["xml", "json", "out", "stp"], args.times))


if __name__ == "__main__":
    main()
