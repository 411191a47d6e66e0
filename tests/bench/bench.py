"""`make bench`, kprep's part: beside the plain tools that a user would pick, and beside the floor, in one run.

    python3 tests/bench/bench.py --bin target/release --data ../shared/data --readers VENV

Every figure is measured here and now; ratios are between runs of this same call. Without --data's files the bundled
sample stands in, repeated. Needs the standard library only; the Python readers of CoNLL-U are in a virtual environment
of their own, and without it their rows are left out.
"""

import argparse
import gzip
import json
import shutil
import sys
import tempfile
from pathlib import Path

from bench_deps import bench_deps
from bench_knowledge import bench_knowledge
from bench_wikidata import bench_wikidata
from bench_wikipedia import bench_wikipedia
from measure import Run, best, run

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


def line(what: str, r: Run, mb: float, base: Run | None = None) -> None:
    ratio = f"{base.seconds / r.seconds:8.1f} x" if base else " " * 10
    print(f"  {what:<44} {r.seconds:8.2f} s {r.cpu_seconds:8.2f} s CPU {mb / r.seconds:8.0f} MB/s {r.peak_mb:6.0f} MB {ratio}", flush=True)


def bench_trex(binaries: Path, data: Path, work: Path) -> None:
    source = work / "trex"
    name = unpack(data, source)
    size = sum(path.stat().st_size for path in source.iterdir()) / 1e6
    kprep = [binaries / "kprep", "trex", source, "--out", work / "out", "--overwrite", "--quiet"]
    print(f"kprep trex, {name}, {size:.0f} MB unpacked (wall, processor, input a second, peak memory, times as fast)")
    python = run([sys.executable, HERE / "trex_baseline.py", source, "--out", work / "rows.jsonl"])
    line("plain Python to JSON Lines", python, size)
    line("kprep trex to Parquet", best(kprep), size, python)
    line("kprep trex --threads 1", best([*kprep, "--threads", "1"]), size, python)
    line("floor: read and one typed parse, 1 thread", best([binaries / "examples" / "floor", source]), size, python)
    repeat(source, work / "trex10", 10)
    line("kprep trex, ten times the input", run([*kprep[:2], work / "trex10", *kprep[3:]]), 10 * size)
    shutil.rmtree(work / "trex10")


def main() -> None:
    parser = argparse.ArgumentParser(description="kprep beside plain tools and the floor")
    parser.add_argument("--bin", type=Path, required=True, help="folder of the release binaries")
    parser.add_argument("--data", type=Path, required=True, help="folder of the real files")
    parser.add_argument("--readers", type=Path, required=True, help="virtual environment with requirements.txt's packages")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        bench_trex(args.bin, args.data, Path(work))
        bench_deps(args.bin, args.data, args.readers, Path(work))
        bench_wikidata(args.bin, args.data, Path(work))
        bench_wikipedia(args.bin, args.data, Path(work))
        bench_knowledge(args.bin, Path(work))


if __name__ == "__main__":
    main()
