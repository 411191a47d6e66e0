"""What Python's `re` takes each code point for: writes words.tsv beside this script.

    python3 tests/data/wikipedia/make_words.py

Runs of code points as first, last (hexadecimal) and class; code points that this Python's Unicode does not know are left
out, and so are surrogates. The first line says which Unicode that was and the SHA-256 of all lines after it.
"""

import hashlib
import re
import sys
import unicodedata
from itertools import groupby
from pathlib import Path


def kind(code: int) -> str | None:
    char = chr(code)
    if unicodedata.category(char) in ("Cn", "Cs"):
        return None
    if re.fullmatch(r"\w", char):
        return "word"
    return "blank" if re.fullmatch(r"\s", char) else "sign"


lines = []
for what, run in groupby(range(sys.maxunicode + 1), kind):
    codes = list(run)
    if what:
        lines.append(f"{codes[0]:x}\t{codes[-1]:x}\t{what}\n")
digest = hashlib.sha256("".join(lines).encode()).hexdigest()
head = f"# Unicode {unicodedata.unidata_version}, sha256 {digest}\n"
(Path(__file__).parent / "words.tsv").write_text(head + "".join(lines))
