"""`kprep wikidata` beside decompressing alone and a plain Python reader."""

import bz2
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from side_by_side import Row, Way

HERE = Path(__file__).resolve().parent

BYTES = 2_000_000_000
# What all ways can read five times.
SLICE_BYTES = 200_000_000
# A line of the whole dump has 14 KB in the mean, those of the sample of well-known entities 75.
AVERAGE = 18_300


class Dump:
    """Entities repeated, each copy with an id of its own, until there are `least` bytes; packed by `pack`."""

    def __init__(self, entities: list[bytes], least: int, pack: list[str], to: Path) -> None:
        self.path = to
        self.lines = 0
        size = 0
        with to.open("wb") as file:
            packer = subprocess.Popen(pack, stdin=subprocess.PIPE, stdout=file)
            assert packer.stdin
            packer.stdin.write(b"[\n")
            separator = b""
            while size < least:
                for entity in entities:
                    self.lines += 1
                    start, end = entity.split(b'"id":"', 1)
                    text = b'%s%s"id":"Q%d"%s' % (separator, start, self.lines, end.split(b'"', 1)[1])
                    packer.stdin.write(text)
                    size += len(text)
                    separator = b",\n"
            packer.stdin.write(b"\n]\n")
            packer.stdin.close()
            if packer.wait() != 0:
                sys.exit(f"{pack[0]} failed")
        self.mb = size / 1e6

    def name(self, source: Path) -> str:
        return f"{source.name} repeated, {self.lines} lines, {self.mb:.0f} MB of text"

    def way(self, name: str, *command: str | Path) -> Way:
        return Way(name, [*command, self.path], self.mb)


def bench_wikidata(binaries: Path, data: Path, work: Path) -> Iterator[Row | str]:
    source = data / "wikidata" / "entities-49.json.bz2"
    if not source.exists():
        yield f"kprep wikidata: left out, {source} is not here"
        return
    text = bz2.decompress(source.read_bytes())
    entities = [row.rstrip(b",") for row in text.split(b"\n") if row.startswith(b"{")]
    average = [entity for entity in entities if len(entity) < AVERAGE]
    kprep = [binaries / "kprep", "wikidata", "--out", work / "wikidata", "--overwrite", "--quiet"]

    part = Dump(entities, SLICE_BYTES, ["gzip", "-6"], work / "part.json.gz")
    least = Dump(entities, SLICE_BYTES // 10, ["gzip", "-6"], work / "least.json.gz")
    python = [sys.executable, HERE / "read_wikidata.py", least.path]
    peers = [
        Way(f"Python: gzip and json, read only, {SLICE_BYTES / 1e7:.0f} MB", python, least.mb),
        part.way("--threads 1", *kprep, "--threads", "1"),
    ]
    floor = Way("zcat | wc -l", ["sh", "-c", 'zcat "$0" | wc -l', part.path], part.mb)
    yield Row(f"gz, {part.name(source)}", "MB", part.way("kprep wikidata", *kprep), peers, floor)
    people = part.way("kprep wikidata --claim P31:Q5", *kprep, "--claim", "P31:Q5")
    yield Row(f"gz, {part.name(source)}", "MB", people, floor=floor)
    # Memory grows until each table has filled a row group, and no further.
    whole = Dump(entities, BYTES, ["gzip", "-6"], work / "whole.json.gz")
    yield Row(f"gz, {whole.name(source)}", "MB", whole.way("kprep wikidata", *kprep), rounds=1)
    small = Dump(average, SLICE_BYTES, ["gzip", "-6"], work / "small.json.gz")
    yield Row(f"gz, lines of the average size, {small.name(source)}", "MB", small.way("kprep wikidata", *kprep))
    if shutil.which("zstd"):
        packed = Dump(entities, SLICE_BYTES, ["zstd", "-3", "-q"], work / "part.json.zst")
        yield Row(f"zst, {packed.name(source)}", "MB", packed.way("kprep wikidata", *kprep))
    packer = shutil.which("lbzip2") or shutil.which("bzip2")
    if packer:
        packed = Dump(entities, SLICE_BYTES, [packer], work / "part.json.bz2")
        plain = Way(f"{Path(packer).name} -dc | wc -l", ["sh", "-c", '"$0" -dc "$1" | wc -l', packer, packed.path], packed.mb)
        reader = packed.way("kprep's reader of bzip2 alone", binaries / "examples" / "bunzip")
        yield Row(f"bz2, {packed.name(source)}", "MB", reader, [plain])
        yield Row(f"bz2, {packed.name(source)}", "MB", packed.way("kprep wikidata", *kprep), floor=reader)
