#!/usr/bin/env python3
"""What Python's `conllu` package reads from the real files: counts and checksums.

    pip install conllu==6.0.0
    python make_expected.py ../../../../shared/data/deps > expected.tsv

One line a file: path, format, sentences, words, sentences without any head, trees, and the SHA-256
of one line a tree: sentence id, forms, heads (0 = root, -1 = none), labels; columns separated by
tabs, entries by blanks, `_` for a missing id or label.
"""

import hashlib
import sys
from pathlib import Path

import conllu

CORE_NLP = ("id", "form", "lemma", "xpos", "ner", "head", "deprel")
FILES = [
    ("CoreNLP conll", "corenlp/*.conll"),
    ("CoNLL-U", "conllu/**/*.conllu"),
    ("CoNLL-X", "conllx/CoNLL-X*.conll"),
    ("CoNLL-X", "conllx/2006/*.conll"),
]


def is_tree(heads):
    """There is one root, and from each word that has a head the heads lead to it."""

    def leads_to_root(head):
        for _ in heads:
            if 0 < head <= len(heads):
                head = heads[head - 1]
        return head == 0

    return heads.count(0) == 1 and all(leads_to_root(h) for h in heads if h != -1)


def describe(path, format):
    # Some CoNLL-X files have tags around the sentences instead of blank lines between them.
    lines = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join("" if line.startswith("<") else line for line in lines)
    fields = CORE_NLP if format == "CoreNLP conll" else None
    sentences = words = headless = trees = 0
    digest = hashlib.sha256()
    for sentence in conllu.parse(text, fields=fields):
        rows = [row for row in sentence if isinstance(row["id"], int)]
        if not rows:
            continue
        sentences += 1
        words += len(rows)
        heads = [-1 if row["head"] is None else row["head"] for row in rows]
        if set(heads) == {-1}:
            headless += 1
            continue
        if not is_tree(heads):
            continue
        trees += 1
        columns = [
            sentence.metadata.get("sent_id", "_"),
            " ".join(row["form"] for row in rows),
            " ".join(str(head) for head in heads),
            " ".join(row["deprel"] or "_" for row in rows),
        ]
        digest.update(("\t".join(columns) + "\n").encode())
    return [sentences, words, headless, trees, digest.hexdigest()]


def main():
    root = Path(sys.argv[1])
    print("file\tformat\tsentences\twords\tno_heads\ttrees\tsha256")
    for format, pattern in FILES:
        for path in sorted(root.glob(pattern)):
            row = [path.relative_to(root).as_posix(), format, *describe(path, format)]
            print(*row, sep="\t")


if __name__ == "__main__":
    main()
