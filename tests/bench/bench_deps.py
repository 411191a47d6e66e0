"""`kprep deps` on a gigabyte of CoNLL-U beside the readers that a user would pick."""

from collections.abc import Iterator
from pathlib import Path

from make_corenlp import sentences, write
from side_by_side import Row, Way

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent.parent / "data" / "sample" / "deps" / "parses.conllu"

BYTES = 1_000_000_000
# Python's readers take minutes for a gigabyte; their speed does not depend on the length.
SLICE_BYTES = 5_000_000


class Text:
    """A treebank repeated until it has `least` bytes."""

    def __init__(self, source: Path, least: int, to: Path) -> None:
        text = source.read_bytes()
        ids = (row.split(b"\t", 1)[0] for row in text.split(b"\n"))
        copies = -(-least // len(text))
        # In millions.
        self.words = copies * sum(id.isdigit() for id in ids) / 1e6
        self.name = f"{source.name} {copies} times, {copies * len(text) / 1e6:.0f} MB, {self.words:.1f} M words"
        self.path = to
        with to.open("wb") as file:
            for _ in range(copies):
                file.write(text)

    def reader(self, name: str, *command: str | Path) -> Way:
        """A reader, which must print how many words it found: all of them."""
        return Way(name, [*command, self.path], self.words, f"{round(self.words * 1e6)} words")


def bench_deps(binaries: Path, data: Path, readers: Path, work: Path) -> Iterator[Row | str]:
    real = data / "deps" / "conllu" / "en_ewt-ud-dev.conllu"
    source = real if real.exists() else SAMPLE
    part = Text(source, SLICE_BYTES, work / "part.conllu")
    tenth = Text(source, BYTES // 10, work / "tenth.conllu")
    whole = Text(source, BYTES, work / "whole.conllu")
    # Every copy after the first is a repetition.
    kprep = [binaries / "kprep", "deps", "--keep-duplicates", "--out", work / "deps", "--overwrite", "--quiet"]

    python, peers = readers / "bin" / "python", []
    if python.exists():
        names = "conllu", "pyconll"
        peers = [part.reader(f"{name}, read only, {SLICE_BYTES / 1e6:.0f} MB", python, HERE / "read_conllu.py", name) for name in names]
    else:
        yield "the readers of Python are left out: pip could not install them"
    peers.append(whole.reader("rs-conllu, read only", binaries / "examples" / "rs_conllu"))
    peers.append(Way("--threads 1", [*kprep, "--threads", "1", whole.path], whole.words))
    floor = whole.reader("read and parse, 1 thread", binaries / "examples" / "speed")
    yield Row(whole.name, "M words", Way("kprep deps", [*kprep, whole.path], whole.words), peers, floor)
    # Memory grows until each split has filled a row group, and no further.
    yield Row(tenth.name, "M words", Way("kprep deps", [*kprep, tenth.path], tenth.words), rounds=1)
    twice = Way("kprep deps", [*kprep, whole.path, whole.path], 2 * whole.words)
    yield Row(f"{whole.name}, twice", "M words", twice, rounds=1)
    yield from bench_parsers(binaries, source, kprep, work / "corenlp")


def bench_parsers(binaries: Path, source: Path, kprep: list[str | Path], folder: Path) -> Iterator[Row]:
    """The same trees as CoreNLP and the Stanford Parser print them."""
    trees = list(sentences(source))
    words = sum(map(len, trees)) / 1e6
    copies = {"xml": 4, "json": 4, "out": 40, "stp": 40}
    write(trees, folder, copies)
    for end, times in copies.items():
        path, count = folder / f"parses.{end}", times * words
        name = f"{source.name} as {path.name}, {path.stat().st_size / 1e6:.0f} MB, {count:.1f} M words"
        ours = Way("kprep deps", [*kprep, path], count)
        one = Way("--threads 1", [*kprep, "--threads", "1", path], count)
        yield Row(name, "M words", ours, [one], Way("read and parse, 1 thread", [binaries / "examples" / "speed", path], count))
