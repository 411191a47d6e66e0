"""How many rows of a relation set share a pair or a sentence with LAMA's probes, counted without kprep.

usage: kprep export DATASET --format jsonl | python3 leaks.py LAMA_FOLDER

Prints the rows, those whose pair is a probe's, and those of the others whose sentence is a probe's.
"""

import glob
import gzip
import json
import sys

BRACKETS = {f"-{side}{kind}B-" for side in "LR" for kind in "RSC"}


def letters(text):
    words = " ".join(word for word in text.split() if word not in BRACKETS)
    return "".join(c for c in words if c.isalnum()).lower()


def probes(folder):
    pairs, sentences = set(), set()
    for path in glob.glob(folder + "/*/*.jsonl.gz"):
        for line in gzip.open(path, "rt", encoding="utf-8"):
            record = json.loads(line)
            one = record.get("sub_uri") or record.get("sub_w")
            other = record.get("obj_uri") or record.get("obj_w")
            if one and other:
                pairs.add(frozenset((one, other)))
            label = record["obj_label"]
            filled = [(text, label) for text in record.get("masked_sentences", [])]
            for evidence in record["evidences"]:
                for word in (evidence.get("obj_surface"), label):
                    if "masked_sentence" in evidence:
                        filled.append((evidence["masked_sentence"], word))
                filled += [(text, "") for text in evidence.get("considered_sentences", [])]
            sentences.update(letters(text.replace("[MASK]", word)) for text, word in filled)
    return pairs, sentences - {""}


pairs, sentences = probes(sys.argv[1])
rows = by_pair = by_sentence = 0
for line in sys.stdin:
    row = json.loads(line)
    rows += 1
    if frozenset((row["subj_id"], row["obj_id"])) in pairs:
        by_pair += 1
    elif letters(row["text"]) in sentences:
        by_sentence += 1
print(rows, by_pair, by_sentence)
