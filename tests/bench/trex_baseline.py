"""T-REx to relation examples in plain Python: the baseline that `make bench` times `kprep trex` against.

    python3 trex_baseline.py INPUT… --min-pairs 50 --out rows.jsonl

The script that one would write for the job: json.load every file, look at every triple, keep the rows in
memory, write JSON Lines. Files end in .json (or .json.gz), folders are searched for them. Needs the standard library only.

A row is a distinct (document, sentence, subject span, object span, relation) where
  1. subject and object have a span, and the text there is their surface form,
  2. one sentence contains both spans,
  3. both spans start and end at a word boundary,
  4. the relation has at least --min-pairs distinct (subject, object) pairs among the rows that pass 1 to 3.
"""

import argparse
import gzip
import json
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Span = tuple[int, int]


def find_files(inputs: list[Path]) -> list[Path]:
    """The files named, and those found in the folders named."""
    files: list[Path] = []
    for path in inputs:
        files += sorted([*path.glob("*.json"), *path.glob("*.json.gz")]) if path.is_dir() else [path]
    return files


def load(path: Path) -> list[dict[str, Any]]:
    """All documents of one file."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return json.load(file)


def mention(entity: dict[str, Any], text: str) -> Span | None:
    """The span of a subject or object, if it has one and the text there is its surface form."""
    if entity["boundaries"] is None:
        return None
    start, end = entity["boundaries"]
    return (start, end) if text[start:end] == entity["surfaceform"] else None


def sentence_of(sentences: list[Span], subject: Span, obj: Span) -> Span | None:
    """The sentence that contains both spans."""
    for start, end in sentences:
        if start <= min(subject[0], obj[0]) and max(subject[1], obj[1]) <= end:
            return start, end
    return None


def words_of(words: list[Span], start: int, end: int) -> list[Span]:
    """The words within a sentence."""
    return [(word[0], word[1]) for word in words if start <= word[0] and word[1] <= end]


def token_span(words: list[Span], span: Span) -> Span | None:
    """First and last word of a mention, if it starts and ends at word boundaries."""
    first = [i for i, word in enumerate(words) if word[0] == span[0]]
    last = [i for i, word in enumerate(words) if word[1] == span[1]]
    return (first[0], last[0]) if first and last else None


def rows_of(document: dict[str, Any], lost: Counter[str]) -> Iterator[dict[str, Any]]:
    """The examples of one document."""
    text = document["text"]
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for triple in document["triples"]:
        subject, obj = triple["subject"], triple["object"]
        subject_span, object_span = mention(subject, text), mention(obj, text)
        if subject_span is None or object_span is None:
            lost["no span"] += 1
            continue
        sentence = sentence_of(document["sentences_boundaries"], subject_span, object_span)
        if sentence is None:
            lost["not in one sentence"] += 1
            continue
        words = words_of(document["words_boundaries"], *sentence)
        subject_tokens, object_tokens = token_span(words, subject_span), token_span(words, object_span)
        if subject_tokens is None or object_tokens is None:
            lost["off word boundaries"] += 1
            continue
        relation = triple["predicate"]["uri"].rsplit("/", 1)[-1]
        key = (sentence, subject_span, object_span, relation)
        if key in seen:
            lost["duplicate"] += 1
            seen[key]["aligners"].append(triple["annotator"])
            continue
        start, end = sentence
        seen[key] = {
            "doc_id": document["docid"],
            "title": document["title"],
            "text": text[start:end],
            "token": [text[a:b] for a, b in words],
            "subj_start": subject_tokens[0],
            "subj_end": subject_tokens[1],
            "obj_start": object_tokens[0],
            "obj_end": object_tokens[1],
            "subj_char_start": subject_span[0] - start,
            "subj_char_end": subject_span[1] - start,
            "obj_char_start": object_span[0] - start,
            "obj_char_end": object_span[1] - start,
            "subj_id": subject["uri"].rsplit("/", 1)[-1],
            "obj_id": obj["uri"].rsplit("/", 1)[-1] if "^^" not in obj["uri"] else obj["uri"],
            "relation": relation,
            "aligners": [triple["annotator"]],
        }
    yield from seen.values()


def main() -> None:
    parser = argparse.ArgumentParser(description="T-REx JSON to relation examples, in plain Python")
    parser.add_argument("inputs", nargs="+", type=Path, help="T-REx files or folders of them")
    parser.add_argument("--min-pairs", type=int, default=50, help="distinct (subject, object) pairs that a relation needs (default 50)")
    parser.add_argument("--out", type=Path, help="JSON Lines to write (default: none)")
    args = parser.parse_args()

    began = time.perf_counter()
    documents = triples = 0
    lost: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    for path in find_files(args.inputs):
        for document in load(path):
            documents += 1
            triples += len(document["triples"])
            rows += rows_of(document, lost)

    pairs: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        pairs[row["relation"]].add((row["subj_id"], row["obj_id"]))
    kept = [row for row in rows if len(pairs[row["relation"]]) >= args.min_pairs]
    if args.out:
        with args.out.open("w", encoding="utf-8") as file:
            for row in kept:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")

    usage = resource.getrusage(resource.RUSAGE_SELF)
    summary = {
        "documents": documents,
        "triples": triples,
        "lost": dict(lost),
        "below_min_pairs": len(rows) - len(kept),
        "rows": len(kept),
        "relations": len({row["relation"] for row in kept}),
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),  # what to compare on a busy machine
        "peak_rss_mib": usage.ru_maxrss // 1024,
    }
    json.dump(summary, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
