"""`kprep wikidata` on a dump of a gigabyte or two beside decompressing alone and a plain Python reader."""

import bz2
import shutil
import subprocess
import sys
from pathlib import Path

from measure import Run, run

HERE = Path(__file__).resolve().parent

BYTES = 2_000_000_000
# Python reads a few thousand lines a second whatever their number, and lbzip2 packs 10 MB of text a second.
SLICE_BYTES = 200_000_000
# A line of the whole dump has 14 KB in the mean, those of the sample of well-known entities 75.
AVERAGE = 18_300


class Dump:
    """Entities repeated, each copy with an id of its own, until there are `least` bytes; packed by `pack`."""

    def __init__(self, entities: list[bytes], least: int, pack: list[str], to: Path) -> None:
        self.path = to
        self.lines = self.bytes = 0
        with to.open("wb") as file:
            packer = subprocess.Popen(pack, stdin=subprocess.PIPE, stdout=file)
            assert packer.stdin
            packer.stdin.write(b"[\n")
            separator = b""
            while self.bytes < least:
                for entity in entities:
                    self.lines += 1
                    start, end = entity.split(b'"id":"', 1)
                    text = b'%s%s"id":"Q%d"%s' % (separator, start, self.lines, end.split(b'"', 1)[1])
                    packer.stdin.write(text)
                    self.bytes += len(text)
                    separator = b",\n"
            packer.stdin.write(b"\n]\n")
            packer.stdin.close()
            if packer.wait() != 0:
                sys.exit(f"{pack[0]} failed")


def line(what: str, r: Run, dump: Dump, base: float | None = None) -> float:
    """Prints a row of the table. Gives the bytes a second, against which later rows are held."""
    speed = dump.bytes / r.seconds
    ratio = f"{speed / base:8.1f} x" if base else ""
    print(
        f"  {what:<44} {r.seconds:8.2f} s {r.cpu_seconds:8.2f} s CPU {speed / 1e6:8.0f} MB/s "
        f"{dump.lines / r.seconds:8.0f} lines/s {r.peak_mb:6.0f} MB {ratio}",
        flush=True,
    )
    return speed


def bench_wikidata(binaries: Path, data: Path, work: Path) -> None:
    source = data / "wikidata" / "entities-49.json.bz2"
    if not source.exists():
        print(f"\nkprep wikidata: left out, {source} is not here")
        return
    text = bz2.decompress(source.read_bytes())
    entities = [row.rstrip(b",") for row in text.split(b"\n") if row.startswith(b"{")]
    average = [entity for entity in entities if len(entity) < AVERAGE]
    kprep = [binaries / "kprep", "wikidata", "--out", work / "wikidata", "--overwrite", "--quiet"]

    whole = Dump(entities, BYTES, ["gzip", "-6"], work / "whole.json.gz")
    print(
        f"\nkprep wikidata, {source.name} repeated, {whole.lines} lines, {whole.bytes / 1e6:.0f} MB of text "
        "(wall, processor, text and lines a second, peak memory, times as fast)"
    )
    part = Dump(entities, SLICE_BYTES, ["gzip", "-6"], work / "part.json.gz")
    python = run([sys.executable, HERE / "read_wikidata.py", part.path])
    base = line(f"Python: gzip and json, read only, {SLICE_BYTES / 1e6:.0f} MB", python, part)
    line("zcat | wc -l", run(["sh", "-c", 'zcat "$0" | wc -l', whole.path]), whole, base)
    line("kprep wikidata, gz", run([*kprep, whole.path]), whole, base)
    line("kprep wikidata, gz, --threads 1", run([*kprep, "--threads", "1", whole.path]), whole, base)
    line("kprep wikidata, gz, --claim P31:Q5", run([*kprep, "--claim", "P31:Q5", whole.path]), whole, base)
    # Memory grows until each table has filled a row group, and no further.
    line("kprep wikidata, gz, a tenth", run([*kprep, part.path]), part, base)
    small = Dump(average, BYTES, ["gzip", "-6"], work / "small.json.gz")
    line("kprep wikidata, gz, lines of the average size", run([*kprep, small.path]), small, base)
    if shutil.which("zstd"):
        packed = Dump(entities, BYTES, ["zstd", "-3", "-q"], work / "whole.json.zst")
        line("kprep wikidata, zst", run([*kprep, packed.path]), packed, base)
    packer = shutil.which("lbzip2") or shutil.which("bzip2")
    if packer:
        packed = Dump(entities, SLICE_BYTES, [packer], work / "part.json.bz2")
        line(f"{Path(packer).name} -dc | wc -l", run(["sh", "-c", '"$0" -dc "$1" | wc -l', packer, packed.path]), packed, base)
        line("kprep wikidata, bz2", run([*kprep, packed.path]), packed, base)
