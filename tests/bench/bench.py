"""`make bench`, kprep's part: beside the plain tools that a user would pick, and beside the floor, in one run.

    python3 tests/bench/bench.py --bin target/release --data ../shared/data --readers VENV [--against DIR] [NAME ...]

Ratios are between runs of this same call. Without --data's files the bundled sample stands in, repeated. Needs the standard
library only; the Python readers of CoNLL-U are in a virtual environment of their own, and without it their rows are left
out. --against names the programs of another version, which become one more peer.
"""

import argparse
import gzip
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench_deps import bench_deps
from bench_knowledge import bench_knowledge
from bench_wikidata import bench_wikidata
from bench_wikipedia import bench_wikipedia
from measure import Command
from side_by_side import Row, Way, run_table

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent.parent / "data" / "sample"


def unpack(data: Path, to: Path) -> str:
    """Unpacked T-REx files, real or from the sample; says which."""
    packed = sorted((data / "trex" / "evidence").glob("*.json.gz"))
    to.mkdir()
    for path in packed:
        with gzip.open(path) as source, (to / path.stem).open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    if packed:
        return "trex/evidence"
    documents = []
    for path in sorted((SAMPLE / "trex").iterdir()):
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            documents += json.load(file)
    (to / "sample.json").write_text(json.dumps(documents, indent=1))
    repeat(to, to / "more", 10)
    for path in (to / "more").iterdir():
        path.rename(to / path.name)
    (to / "more").rmdir()
    return "the sample, 11 times"


def repeat(source: Path, to: Path, times: int) -> None:
    """The same files several times, with other document ids so that no row is a repetition."""
    to.mkdir()
    for path in sorted(source.glob("*.json")):
        text = path.read_bytes()
        for i in range(times):
            (to / f"{i}-{path.name}").write_bytes(text.replace(b'"docid": "', b'"docid": "copy%d/' % i).replace(b'"docid":"', b'"docid":"copy%d/' % i))


def bench_trex(binaries: Path, data: Path, work: Path) -> Iterator[Row]:
    source = work / "trex"
    name = unpack(data, source)
    size = sum(path.stat().st_size for path in source.iterdir()) / 1e6
    kprep = [binaries / "kprep", "trex", source, "--out", work / "out", "--overwrite", "--quiet"]
    python = [sys.executable, HERE / "trex_baseline.py", source, "--out", work / "rows.jsonl"]
    yield Row(
        f"{name}, {size:.0f} MB unpacked",
        "MB",
        Way("kprep trex", kprep, size),
        [Way("plain Python to JSON Lines", python, size, rounds=1), Way("--threads 1", [*kprep, "--threads", "1"], size)],
        Way("read and one typed parse, 1 thread", [binaries / "examples" / "floor", source], size),
    )
    ten = work / "trex10"
    repeat(source, ten, 10)
    yield Row(f"{name}, ten times", "MB", Way("kprep trex", [*kprep[:2], ten, *kprep[3:]], 10 * size), rounds=1)
    shutil.rmtree(ten)


def elsewhere(program: Path, command: Command) -> Command:
    """The same command of another version, which does not replace what this one wrote."""
    out = command.index("--out") + 1
    other = command[out]
    return [program, *command[1:out], other.with_name(f"{other.name}-other"), *command[out + 1 :]]


def rows(args: argparse.Namespace, work: Path) -> Iterator[Row | str]:
    parts = {
        "trex": lambda: bench_trex(args.bin, args.data, work),
        "deps": lambda: bench_deps(args.bin, args.data, args.readers, work),
        "wikidata": lambda: bench_wikidata(args.bin, args.data, work),
        "wikipedia": lambda: bench_wikipedia(args.bin, args.data, work),
        "knowledge": lambda: bench_knowledge(args.bin, work),
    }
    for name in args.names or parts:
        for row in parts[name]():
            other = args.against and args.against / "kprep"
            if isinstance(row, Row) and other and row.ours.command[0] == args.bin / "kprep":
                peer = replace(row.ours, name="the version to compare with", command=elsewhere(other, row.ours.command))
                row = replace(row, peers=[*row.peers, peer])
            yield row


def main() -> None:
    parser = argparse.ArgumentParser(description="kprep beside plain tools and the floor")
    parser.add_argument("--bin", type=Path, required=True, help="folder of the release binaries")
    parser.add_argument("--data", type=Path, required=True, help="folder of the real files")
    parser.add_argument("--readers", type=Path, required=True, help="virtual environment with requirements.txt's packages")
    parser.add_argument("--against", type=Path, help="folder of the programs of another version")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where the figures go")
    parser.add_argument("names", nargs="*", help="trex, deps, wikidata, wikipedia, knowledge [default: all]")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        run_table(rows(args, Path(work)), args.json)


if __name__ == "__main__":
    main()
