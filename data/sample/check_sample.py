"""Check the sample without the code that made it, and count what it holds.

python3 check_sample.py
"""

import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MIN_PAIRS = 50
MAX_BYTES = 2_000_000
problems: list[str] = []


def expect(condition: bool, message: str) -> None:
    if not condition:
        problems.append(message)


def read(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def code_points(text: str, node: dict[str, Any]) -> tuple[tuple[int, int] | None, bool]:
    """The span in code points, and whether the file counts UTF-16 units."""
    start, end = node["boundaries"]
    if text[start:end] == node["surfaceform"]:
        return (start, end), False
    units = text.encode("utf-16-le")
    if units[2 * start : 2 * end].decode("utf-16-le", "replace") == node["surfaceform"]:
        before = len(units[: 2 * start].decode("utf-16-le"))
        return (before, before + len(node["surfaceform"])), True
    return None, False


def check_trex() -> None:
    documents = triples = 0
    lost: Counter[str] = Counter()
    annotators: Counter[str] = Counter()
    units: set[str] = set()
    rows: dict[tuple[Any, ...], set[str]] = {}
    pairs: dict[str, set[tuple[str, str]]] = defaultdict(set)
    labels: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for path in sorted((HERE / "trex").iterdir()):
        for document in json.loads(read(path)):
            documents += 1
            text, title = document["text"], document["title"]
            expect(document["docid"] == document["uri"], f"{title}: docid is not uri")
            words = [[m.start(), m.end()] for m in re.finditer(r"\w+|[^\w\s]+", text)]
            expect(document["words_boundaries"] == words, f"{title}: words")
            sentences = document["sentences_boundaries"]
            expect(" ".join(text[a:b] for a, b in sentences) == text, f"{title}: sentences")
            starts, ends = {a for a, _ in words}, {b for _, b in words}
            for entity in document["entities"]:
                expect(code_points(text, entity)[0] is not None, f"{title}: {entity}")
            for triple in document["triples"]:
                triples += 1
                annotators[triple["annotator"]] += 1
                spans = []
                for node in (triple["subject"], triple["object"]):
                    if node["boundaries"] is not None:
                        span, is_utf16 = code_points(text, node)
                        expect(span is not None, f"{title}: {node}")
                        spans.append(span)
                        if is_utf16:
                            units.add(title)
                if len(spans) < 2:
                    lost["a span is null"] += 1
                    continue
                (a, b), (c, d) = spans
                places = [i for i, (s, e) in enumerate(sentences) if s <= min(a, c) and max(b, d) <= e]
                expect(len(places) == 1, f"{title}: not in one sentence: {triple}")
                expect(triple["sentence_id"] in (None, *places), f"{title}: sentence_id: {triple}")
                if not (a in starts and c in starts and b in ends and d in ends):
                    lost["off word boundaries"] += 1
                    continue
                relation = triple["predicate"]["uri"].rsplit("/", 1)[1]
                key = (document["docid"], places[0], a, b, c, d)
                if (*key, relation) in rows:
                    lost["duplicate"] += 1
                rows.setdefault((*key, relation), set()).add(triple["annotator"])
                pairs[relation].add((triple["subject"]["uri"], triple["object"]["uri"]))
                labels[key].add(relation)
    count = Counter(row[-1] for row in rows)
    kept = {relation for relation in pairs if len(pairs[relation]) >= MIN_PAIRS}
    print(f"{documents} documents, {triples} triples {dict(annotators)}; lost {dict(lost)}; UTF-16 offsets in {sorted(units)}")
    print(f"{len(rows)} rows, {sum(count[r] for r in kept)} of them in {len(kept)} relations with {MIN_PAIRS} pairs or more")
    print(f"{sum(len(found) > 1 for found in labels.values())} span pairs with several relations")
    for relation, size in count.most_common():
        print(f"  {relation:6} {size:4} rows {len(pairs[relation]):4} pairs{'' if relation in kept else '   below'}")
    expect(documents >= 300, "fewer than 300 documents")
    expect(len(kept) >= 8 and len(kept) < len(pairs), "relations above and below the threshold")
    expect(len(units) == 1, "one document with UTF-16 offsets")


def check_tree(heads: list[int], where: str) -> None:
    """Heads from 1, 0 = root: one root, no cycle."""
    expect(heads.count(0) == 1, f"{where}: {heads.count(0)} roots")
    for start in range(1, len(heads) + 1):
        at, steps = start, 0
        while at and steps <= len(heads):
            at, steps = heads[at - 1], steps + 1
        expect(at == 0, f"{where}: cycle at word {start}")


def check_conllu() -> None:
    blocks = read(HERE / "deps" / "parses.conllu").strip("\n").split("\n\n")
    words = 0
    seen: set[str] = set()
    for block in blocks:
        lines = block.split("\n")
        comments = dict(line[2:].split(" = ", 1) for line in lines if line.startswith("# "))
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
        where = comments["sent_id"]
        expect(all(len(row) == 10 and all(row) for row in rows), f"{where}: columns")
        plain = [row for row in rows if "-" not in row[0]]
        expect([row[0] for row in plain] == [str(i + 1) for i in range(len(plain))], f"{where}: numbers")
        check_tree([int(row[6]) for row in plain], where)
        expect(all((row[7] == "root") == (row[6] == "0") for row in plain), f"{where}: root label")
        text, covered = "", 0
        for row in rows:
            first, _, last = row[0].partition("-")
            if int(first) > covered:
                text += row[1] + ("" if row[9] == "SpaceAfter=No" else " ")
                covered = int(last or first)
        expect(text.rstrip() == comments["text"], f"{where}: text is {text}")
        expect(where not in seen and comments["text"] not in seen, f"{where}: twice")
        seen |= {where, comments["text"]}
        words += len(plain)
    print(f"parses.conllu: {len(blocks)} sentences, {words} words")


def check_conll() -> None:
    blocks = read(HERE / "deps" / "parses.conll").strip("\n").split("\n\n")
    words = headless = 0
    for number, block in enumerate(blocks):
        rows = [line.split("\t") for line in block.split("\n")]
        expect(all(len(row) == 7 for row in rows), f"parses.conll sentence {number + 1}: columns")
        expect(all((row[5] == "_") == (row[6] == "_") == (row[3] in (".", ",")) for row in rows), f"sentence {number + 1}: punctuation")
        # A word without a head hangs on the root here, only to look for cycles.
        root = next(i for i, row in enumerate(rows, 1) if row[5] == "0")
        check_tree([root if row[5] == "_" else int(row[5]) for row in rows], f"parses.conll sentence {number + 1}")
        words += len(rows)
        headless += sum(row[5] == "_" for row in rows)
    print(f"parses.conll: {len(blocks)} sentences, {words} words, {headless} without a head")


def main() -> int:
    check_trex()
    check_conllu()
    check_conll()
    size = sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    print(f"{size:,} bytes in all")
    expect(size < MAX_BYTES, "too large")
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
