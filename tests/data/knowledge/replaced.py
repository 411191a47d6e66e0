"""Checks the rows of `kprep knowledge replaced` against what they were made of, without kprep's code.

    python3 tests/data/knowledge/replaced.py ROWS PAGES ENTITIES TRIPLES

All four are JSON Lines of `kprep export --format jsonl`: of the dataset, of aligned pages, and of Wikidata's entities and
triples. No two spans in a row are replaced; what replaces an item shares a class with it, has the name that stands there,
is called otherwise than any of the item's names, is mentioned nowhere in the chunk, and no statement connects it with the
page's item or one of the sentence. Outside the spans, the words are the page's.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

WORDS = re.compile(r"\w+|[^\w\s]+")


def lines(path):
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def fail(row, what):
    sys.exit(f"row {row['id']} of page {row['doc_id']}: {what}")


def main():
    rows, pages, entities, triples = sys.argv[1:]
    pages = {page["id"]: page for page in lines(pages)}
    names, classes = defaultdict(set), {}
    for entity in lines(entities):
        label = [entity["label"]] if entity["label"] else []
        names[entity["id"]] = set(label + entity["aliases"])
        classes[entity["id"]] = set(entity["instance_of"])
    connected = defaultdict(set)
    for triple in lines(triples):
        value = triple.get("object_id")
        if value and triple.get("rank") != "deprecated":
            connected[triple["subject"]].add(value)
            connected[value].add(triple["subject"])
    counts = Counter()
    for row in lines(rows):
        check(row, pages[row["doc_id"]], names, classes, connected, counts)
    for name, count in sorted(counts.items()):
        print(f"{name}: {count:,}")


def check(row, page, names, classes, connected, counts):
    token, before = row["token"], None
    page_words = WORDS.findall(page["text"])
    next_word = 0
    counts["rows"] += 1
    mentioned = [item if not was else was for item, was in zip(row["span_id"], row["span_was"])]
    for number, (start, end) in enumerate(zip(row["span_start"], row["span_end"])):
        item, was, kind = row["span_id"][number], row["span_was"][number], row["class"][number]
        counts[kind] += 1
        if (kind == "replaced") != bool(was):
            fail(row, f"span {number} is {kind}, and was {was!r}")
        inside(row, token[next_word:start], page_words)
        next_word = end + 1
        here = token[start : end + 1]
        if kind == "replaced":
            if before == "replaced":
                fail(row, f"spans {number - 1} and {number} are both replaced")
            if not classes[item] & classes[was]:
                fail(row, f"{item} and {was} share no class")
            if here not in [WORDS.findall(name) for name in names[item]]:
                fail(row, f"{here} is no name of {item}")
            if " ".join(here).lower() in {" ".join(WORDS.findall(name)).lower() for name in names[was]}:
                fail(row, f"{here} is a name of {was}, too")
            if item in mentioned or item == page["entity"]:
                fail(row, f"{item} is in the chunk already")
            if page["entity"] in connected[item]:
                fail(row, f"{item} is connected with the page's item")
            true = sentence_items(row, page, number, mentioned) & connected[item]
            if true:
                fail(row, f"{item} is connected with {true}")
        before = kind
    inside(row, token[next_word:], page_words)


def sentence_items(row, page, number, mentioned):
    """The items between the two ends of sentences around a span: what ends with a stop."""
    ends = [word for word, text in enumerate(row["token"]) if text in (".", "!", "?")]
    start = row["span_start"][number]
    first = max([end for end in ends if end < start], default=-1)
    last = min([end for end in ends if end > start], default=len(row["token"]))
    spans = enumerate(row["span_start"])
    return {mentioned[other] for other, at in spans if first < at < last}


def inside(row, words, page_words):
    """Words that nothing was replaced in are the page's, one after the other."""
    if not words:
        return
    for at, word in enumerate(page_words):
        if word == words[0] and page_words[at : at + len(words)] == words:
            return
    fail(row, f"{words} are not in the page")


if __name__ == "__main__":
    main()
