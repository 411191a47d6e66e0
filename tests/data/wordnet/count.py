"""Counts a WordNet from its files, without kprep's code, and compares with the tables that kprep wrote of it.

    python3 tests/data/wordnet/count.py FOLDER             # the numbers of tests/kprep/wordnet.rs
    python3 tests/data/wordnet/count.py FOLDER TABLES      # and those of TABLES, the folder of `kprep wordnet` (needs pyarrow)
"""

import re
import sys
from collections import Counter
from pathlib import Path


def of_files(folder):
    counts = Counter()
    for name in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
            if line.startswith("  "):
                continue
            head, gloss = line.split("|", 1)
            fields = head.split()
            words = int(fields[3], 16)
            counts[f"synsets {fields[2]}"] += 1
            counts["senses"] += len({re.sub(r"\((a|p|ip)\)$", "", word).lower() for word in fields[4 : 4 + 2 * words : 2]})
            at = 4 + 2 * words
            pointers = fields[at + 1 : at + 1 + 4 * int(fields[at]) : 4]
            counts["pointers"] += len(pointers)
            for symbol, relation in (("@", "hypernym"), ("@i", "instance_hypernym")):
                counts[f"{relation} {fields[2]}"] += pointers.count(symbol)
            examples = len(re.findall(r'"[^"]*"', gloss))
            counts["examples"] += examples
            counts["synsets with examples"] += examples > 0
    index = folder / "index.sense"
    if index.exists():
        senses = [line.split() for line in index.read_text(encoding="utf-8").splitlines()]
        counts["senses of index.sense"] = len(senses)
        counts["tagged senses"] = sum(int(count) > 0 for *_, count in senses)
    return +counts


def of_tables(folder):
    from pyarrow import dataset

    def rows(table):
        return dataset.dataset(folder / table / "data").to_table().to_pylist()

    counts = Counter()
    for row in rows("synsets"):
        counts[f"synsets {row['pos']}"] += 1
        counts["senses"] += len(row["word"])
        counts["tagged senses"] += sum(count > 0 for count in row["tag_count"])
        counts["examples"] += len(row["example"])
        counts["synsets with examples"] += len(row["example"]) > 0
    counts["senses of index.sense"] = counts["senses"]
    for row in rows("facts"):
        counts["pointers"] += 1
        if row["relation"] in ("hypernym", "instance_hypernym"):
            counts[f"{row['relation']} {row['head'][-1]}"] += 1
    return +counts


def main():
    folder, *tables = map(Path, sys.argv[1:])
    expected = of_files(folder)
    for name, count in sorted(expected.items()):
        print(f"{name}: {count:,}")
    for path in tables:
        found = of_tables(path)
        differ = [f"{name}: {expected[name]:,} in the files, {found[name]:,} in the tables" for name in expected if expected[name] != found[name]]
        if differ:
            sys.exit("\n".join(differ))
        print("the tables have the same counts")


if __name__ == "__main__":
    main()
