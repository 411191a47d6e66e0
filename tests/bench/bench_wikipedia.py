"""`kprep wikipedia` and the reading of bzip2 on a dump of some hundred megabytes beside plain tools.

The dump is the head of one of English Wikipedia, its pages repeated under other titles, in one bzip2 file: kprep, lbzip2
(C, all cores, if it is installed), bzcat, and a plain Python reader (bz2 and xml.etree) that takes a tenth of it.
"""

import bz2
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from side_by_side import Row, Way

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


def bench_wikipedia(binaries: Path, data: Path, work: Path) -> Iterator[Row | str]:
    if not (data / "mediawiki" / NAME).exists():
        yield "kprep wikipedia: left out, the head of a dump is not here"
        return
    whole, tenth = work / "whole.xml.bz2", work / "tenth.xml.bz2"
    mb, pages = make(data, whole, COPIES)
    part_mb, _ = make(data, tenth, COPIES // 10)
    what = f"{COPIES} copies, {mb:.0f} MB of text, {pages} pages"
    python = [sys.executable, HERE / "read_wikipedia.py", tenth]
    peers = [Way("plain Python: bz2, iterparse; a tenth", python, part_mb)]
    if shutil.which("lbzip2"):
        peers.append(Way("lbzip2 -dc", ["sh", "-c", f"lbzip2 -dc {whole} > /dev/null"], mb))
    else:
        yield "lbzip2: left out, not installed"
    reader = Way("kprep's reader of bzip2 alone", [binaries / "examples" / "bunzip", whole], mb)
    yield Row(what, "MB", reader, [Way("bzcat, a tenth", ["sh", "-c", f"bzcat {tenth} > /dev/null"], part_mb), *peers[1:]])
    kprep = [binaries / "kprep", "wikipedia", "--out", work / "out", "--overwrite", "--quiet"]
    yield Row(what, "MB", Way("kprep wikipedia", [*kprep, whole], mb), peers, reader)
    yield Row("a tenth of it", "MB", Way("kprep wikipedia", [*kprep, tenth], part_mb), rounds=1)
