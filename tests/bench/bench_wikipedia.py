"""`kprep wikipedia` and the reading of bzip2 on a dump of some hundred megabytes beside plain tools.

The dump is the head of one of English Wikipedia, its pages repeated under other titles, in one bzip2 file: kprep, lbzip2
(C, all cores, if it is installed), bzcat, and a plain Python reader (bz2 and xml.etree) that takes a tenth of it.
"""

import bz2
import re
import shutil
import sys
from pathlib import Path

from measure import Run, best, run

HERE = Path(__file__).resolve().parent
NAME = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
COPIES = 40


def make(data: Path, to: Path, copies: int) -> tuple[float, int]:
    """Writes the dump. Gives its megabytes of text and its pages."""
    text = bz2.decompress((data / "mediawiki" / NAME).read_bytes())
    start, end = text.index(b"<page>"), text.rindex(b"</page>") + len(b"</page>")
    size = pages = 0
    with to.open("wb") as file:
        # A stream a copy, as multistream dumps have many.
        for i in range(copies):
            body = re.sub(rb"<title>", b"<title>%d " % i, text[start:end])
            body = (text[:start] if i == 0 else b"") + body + (text[end:] if i == copies - 1 else b"")
            file.write(bz2.compress(body))
            size += len(body)
            pages += body.count(b"<page>")
    return size / 1e6, pages


def line(what: str, r: Run, mb: float, pages: int) -> None:
    print(
        f"  {what:<40} {r.seconds:8.2f} s {r.cpu_seconds:8.2f} s CPU {mb / r.seconds:8.1f} MB/s"
        f" {pages / r.seconds:8.0f} pages/s {r.peak_mb:6.0f} MB",
        flush=True,
    )


def bench_wikipedia(binaries: Path, data: Path, work: Path) -> None:
    if not (data / "mediawiki" / NAME).exists():
        print("\nkprep wikipedia: left out, the head of a dump is not here")
        return
    whole, tenth = work / "whole.xml.bz2", work / "tenth.xml.bz2"
    mb, pages = make(data, whole, COPIES)
    part_mb, part_pages = make(data, tenth, COPIES // 10)
    print(f"\nkprep wikipedia, {COPIES} copies, {mb:.0f} MB of text (wall, processor, text a second, pages, peak memory)")
    python = [sys.executable, HERE / "read_wikipedia.py"]
    line("plain Python: bz2, iterparse; a tenth", run([*python, tenth]), part_mb, part_pages)
    line("bzcat", run(["sh", "-c", f"bzcat {whole} > /dev/null"]), mb, pages)
    if shutil.which("lbzip2"):
        line("lbzip2 -dc", best(["sh", "-c", f"lbzip2 -dc {whole} > /dev/null"], 2), mb, pages)
    else:
        print("  lbzip2: left out, not installed")
    reader = binaries / "examples" / "bunzip"
    line("kprep's reader of bzip2 alone", best([reader, whole], 2), mb, pages)
    kprep = [binaries / "kprep", "wikipedia", whole, "--out", work / "out", "--overwrite", "--quiet"]
    line("kprep wikipedia to Parquet (two passes)", run(kprep), mb, pages)
    small = [binaries / "kprep", "wikipedia", tenth, "--out", work / "out", "--overwrite", "--quiet"]
    line("kprep wikipedia, a tenth", run(small), part_mb, part_pages)
