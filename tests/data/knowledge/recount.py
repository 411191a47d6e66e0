"""Counts the pairs of a source again, without kprep's code, and compares with the dataset that kprep made of it (needs pyarrow).

    python3 tests/data/knowledge/recount.py synonyms WORDNET DATASET   # WORDNET: the folder with data.noun
    python3 tests/data/knowledge/recount.py facts GRAPH DATASET        # GRAPH: the folder of `kprep graph`, or of triples

Of `kprep knowledge synonyms` without --single, --instances and --split-by word: the related pairs are exactly those of the files. Of
both: no negative says what is true, whatever the split, and each was made of a positive of its own split by replacing the
phrase that it names.
"""

import re
import sys
from collections import Counter
from pathlib import Path


def wordnet(folder):
    """Pairs of words in alphabetical order: synonyms, direct hypernyms, and hypernyms of instances."""
    synsets, pointers = {}, []
    for name in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
            if line.startswith("  "):
                continue
            fields = line.split("|", 1)[0].split()
            count, kind = int(fields[3], 16), fields[2].replace("s", "a")
            words = [re.sub(r"\((a|p|ip)\)$", "", word) for word in fields[4 : 4 + 2 * count : 2]]
            synsets[kind, fields[0]] = {word.lower().replace("_", " ") for word in words}
            at = 4 + 2 * count
            rest = fields[at + 1 : at + 1 + 4 * int(fields[at])]
            for symbol, offset, part in zip(rest[0::4], rest[1::4], rest[2::4]):
                if symbol in ("@", "@i"):
                    pointers.append((symbol, (kind, fields[0]), (part, offset)))
    pairs = {"synonym": set(), "@": set(), "@i": set()}
    for words in synsets.values():
        pairs["synonym"] |= {(a, b) for a in words for b in words if a < b}
    for symbol, below, above in pointers:
        pairs[symbol] |= {(min(a, b), max(a, b)) for a in synsets[below] for b in synsets[above] if a != b}
    return pairs


def rows(folder):
    from pyarrow import parquet

    for split in ("train", "validation", "test"):
        for path in sorted((folder / "data").glob(f"{split}-*.parquet")):
            for batch in parquet.ParquetFile(path).iter_batches():
                for row in batch.to_pylist():
                    yield split, row


def check(what, passed):
    if not passed:
        sys.exit(f"FAILED: {what}")


def negatives(folder, said, true):
    """Checks the negatives of a dataset; what a row says is in `true` for positives alone."""
    positives, counts = {}, Counter()
    for split, row in rows(folder):
        if not row["positive"]:
            positives[row["id"]] = (split, row)
            true.add(said(row))
    used = Counter()
    for split, row in rows(folder):
        counts[split, row["negative"] or "positive"] += 1
        if not row["positive"]:
            continue
        check(f"{row}: no positive {row['positive']}", row["positive"] in positives)
        of, made_of = positives[row["positive"]]
        check(f"{row}: its positive is in {of}", of == split)
        check(f"{row}: it is true", said(row) not in true)
        check(f"{row}: both phrases are the same", row["first"].lower() != row["second"].lower())
        for place in ("first", "second"):
            same = row[f"{place}_id"] == made_of[f"{place}_id"]
            check(f"{row}: {place} differs from {made_of}", same == (place != row["replaced"]))
        used[said(row)] += 1
    check("no negative is there twice", all(count == 1 for count in used.values()))
    return positives, counts


def synonyms(source, dataset):
    pairs = wordnet(source)
    related = pairs["synonym"] | pairs["@"]
    both = len(pairs["synonym"] & pairs["@"])
    print(f"{len(pairs['synonym']):,} synonyms + {len(pairs['@']):,} hypernyms - {both:,} = {len(related):,} related pairs")

    def said(row):
        return tuple(sorted((row["first"], row["second"])))

    positives, counts = negatives(dataset, said, set(related | pairs["@i"]))
    found = [said(row) for _, row in positives.values()]
    check(f"{len(found):,} positives", len(found) == len(related) and set(found) == related)
    return counts


def facts(source, dataset):
    if (source / "facts" / "manifest.json").is_file():
        all_facts = [tuple(row[name] for name in ("head", "relation", "tail")) for _, row in rows(source / "facts")]
    else:
        lines = [line for path in sorted(source.glob("*.txt")) for line in path.read_text(encoding="utf-8").splitlines()]
        all_facts = [tuple(line.split("\t")) for line in lines if line]
    relations = {relation for _, relation, _ in all_facts}
    print(f"{len(set(all_facts)):,} facts of {len(relations):,} relations")

    def said(row):
        return row["first_id"], row["relation_id"], row["second_id"]

    positives, counts = negatives(dataset, said, set(all_facts))
    check("each positive is a fact", {said(row) for _, row in positives.values()} <= set(all_facts))
    splits = {}
    for split, row in positives.values():
        splits.setdefault(frozenset((row["first_id"], row["second_id"])), set()).add(split)
    several = sum(len(found) > 1 for found in splits.values())
    print(f"{len(positives):,} positives of {len(splits):,} pairs of concepts, {several:,} of them in several splits")
    return counts


def main():
    kind, source, dataset = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    counts = {"synonyms": synonyms, "facts": facts}[kind](source, dataset)
    for (split, negative), count in sorted(counts.items()):
        print(f"{split} {negative}: {count:,}")


if __name__ == "__main__":
    main()
