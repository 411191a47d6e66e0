#!/usr/bin/env python3
"""What `kprep stats --json` must say of a CoNLL-U file whose sentences are all trees.

    python make_stats.py ../../../../shared/data/deps/conllu/en_ewt-ud-dev.conllu > expected_stats.json

Reads the file itself, with Python's standard library alone, and counts by the definitions, not by
clever ways. All sentences are in the train split, as `--validation-percent 0 --test-percent 0` has it.
"""

import json
import sys
from collections import Counter
from pathlib import Path


def sentences(path):
    """The (head, deprel) of each word, sentence by sentence; no multiword ranges, no empty nodes."""
    for block in Path(path).read_text(encoding="utf-8").split("\n\n"):
        rows = [line.split("\t") for line in block.split("\n") if line and line[0] != "#"]
        rows = [row for row in rows if row[0].isdigit()]
        if rows:
            yield [(int(row[6]), "" if row[7] == "_" else row[7]) for row in rows]


def share(count, of):
    return {"count": count, "of": of, "share": count / of if of else None}


def spread(values):
    ordered = sorted(values)
    counts = sorted(Counter(values).items())

    def rank(percent):
        """Nearest rank: the value at place ceil(percent / 100 * n), counted from 1."""
        return ordered[-(-percent * len(ordered) // 100) - 1]

    return {
        "min": min(values),
        "mean": sum(values) / len(values),
        "median": rank(50),
        "p90": rank(90),
        "p99": rank(99),
        "max": max(values),
        "counts": {str(value): count for value, count in counts},
    }


def ancestors(heads, word):
    """The word itself, its head, and so on to the artificial root 0."""
    yield word
    while word:
        word = heads[word - 1]
        yield word


def projective(heads, word):
    """Whether the head dominates every word between itself and `word`."""
    head = heads[word - 1]
    between = range(min(head, word) + 1, max(head, word))
    return all(head in ancestors(heads, other) for other in between)


def describe(path):
    parses = list(sentences(path))
    heads = [[head for head, _ in parse] for parse in parses]
    words = sum(map(len, heads))
    arcs = [
        (sentence, word, head)
        for sentence, of_sentence in enumerate(heads)
        for word, head in enumerate(of_sentence, 1)
        if head > 0
    ]
    right = sum(head == word + 1 for _, word, head in arcs)
    left = sum(head == word - 1 for _, word, head in arcs)
    heads_right = sum(head > word for _, word, head in arcs)
    crossed = [s for s, word, _ in arcs if not projective(heads[s], word)]
    depths = [
        max(len(list(ancestors(of_sentence, word))) - 1 for word in range(1, len(of_sentence) + 1))
        for of_sentence in heads
    ]
    labels = {}
    for parse in parses:
        for word, (head, label) in enumerate(parse, 1):
            labels.setdefault(label, []).append(abs(head - word) if head > 0 else None)
    described = []
    for label, lengths in sorted(labels.items(), key=lambda item: (-len(item[1]), item[0])):
        known = [length for length in lengths if length is not None]
        mean = sum(known) / len(known) if known else None
        described.append({"label": label, **share(len(lengths), words), "mean_arc_length": mean})
    return {
        "dataset": "ewt",
        "record": "DependencyExample",
        "rows": {"train": len(parses), "validation": 0, "test": 0},
        "sentences": len(parses),
        "words": words,
        "sentence_length": spread([len(parse) for parse in parses]),
        "headless_words": share(0, words),
        "arcs": {
            "count": len(arcs),
            "length": spread([abs(head - word) for _, word, head in arcs]),
            "neighbour": share(right + left, len(arcs)),
            "right_neighbour": share(right, len(arcs)),
            "left_neighbour": share(left, len(arcs)),
            "head_right": share(heads_right, len(arcs)),
            "head_left": share(len(arcs) - heads_right, len(arcs)),
        },
        "right_neighbour_baseline": share(
            right + sum(of_sentence[-1] == 0 for of_sentence in heads), words
        ),
        "trees": {
            "not_trees": share(0, len(parses)),
            "depth": spread(depths),
            "non_projective": share(len(set(crossed)), len(parses)),
            "non_projective_arcs": share(len(crossed), len(arcs)),
        },
        "labels": described,
    }


if __name__ == "__main__":
    json.dump(describe(sys.argv[1]), sys.stdout, indent=1, ensure_ascii=False)
    print()
