"""`kprep deps` on a gigabyte of CoNLL-U beside the readers that a user would pick."""

import sys
from pathlib import Path

from measure import Run, best, run

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent.parent / "data" / "sample" / "deps" / "parses.conllu"

BYTES = 1_000_000_000
# Python's readers take minutes for a gigabyte; their speed does not depend on the length.
SLICE_BYTES = 20_000_000


class Text:
    """A treebank repeated until it has `least` bytes."""

    def __init__(self, source: Path, least: int, to: Path) -> None:
        text = source.read_bytes()
        ids = (row.split(b"\t", 1)[0] for row in text.split(b"\n"))
        self.copies = -(-least // len(text))
        self.words = self.copies * sum(id.isdigit() for id in ids)
        self.mb = self.copies * len(text) / 1e6
        self.path = to
        with to.open("wb") as file:
            for _ in range(self.copies):
                file.write(text)


def line(what: str, r: Run, words: int, base: float | None = None) -> float:
    """Prints a row of the table. Gives the words a second, against which later rows are held."""
    speed = words / r.seconds
    ratio = f"{speed / base:8.1f} x" if base else ""
    print(f"  {what:<44} {r.seconds:8.2f} s {r.cpu_seconds:8.2f} s CPU {speed / 1e6:8.2f} M/s {r.peak_mb:6.0f} MB {ratio}", flush=True)
    return speed


def read(command: list[str | Path], text: Text, times: int = 1) -> Run:
    """Runs a reader, which must print how many words it found: all of them."""
    r = best([*command, text.path], times)
    if f"{text.words} words" not in r.output:
        sys.exit(f"{command[0]}: expected {text.words} words, found {r.output}")
    return r


def python_reader(readers: Path, name: str, text: Text, base: float | None = None) -> float | None:
    python = readers / "bin" / "python"
    if not python.exists():
        print(f"  {name + ', read only':<44} left out: pip could not install it")
        return base
    r = read([python, HERE / "read_conllu.py", name], text)
    return line(f"{name}, read only, {text.mb:.0f} MB of it", r, text.words, base)


def bench_deps(binaries: Path, data: Path, readers: Path, work: Path) -> None:
    real = data / "deps" / "conllu" / "en_ewt-ud-dev.conllu"
    source = real if real.exists() else SAMPLE
    part = Text(source, SLICE_BYTES, work / "part.conllu")
    tenth = Text(source, BYTES // 10, work / "tenth.conllu")
    whole = Text(source, BYTES, work / "whole.conllu")
    # Every copy after the first is a repetition.
    kprep = [binaries / "kprep", "deps", "--keep-duplicates", "--out", work / "deps", "--overwrite", "--quiet"]

    print(
        f"\nkprep deps, {source.name} {whole.copies} times, {whole.mb:.0f} MB, {whole.words / 1e6:.1f} M words "
        "(wall, processor, words a second, peak memory, times as fast)"
    )
    base = python_reader(readers, "conllu", part)
    python_reader(readers, "pyconll", part, base)
    line("rs-conllu, read only", read([binaries / "examples" / "rs_conllu"], whole), whole.words, base)
    line("floor: read and parse, 1 thread", read([binaries / "examples" / "speed"], whole, 3), whole.words, base)
    line("kprep deps to Parquet", best([*kprep, whole.path]), whole.words, base)
    line("kprep deps --threads 1", run([*kprep, "--threads", "1", whole.path]), whole.words, base)
    # Memory grows until each split has filled a row group, and no further.
    line("kprep deps, a tenth of the file", run([*kprep, tenth.path]), tenth.words, base)
    line("kprep deps, the file twice", run([*kprep, whole.path, whole.path]), 2 * whole.words, base)
