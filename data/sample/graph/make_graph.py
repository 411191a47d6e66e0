"""Writes the sample's graph in four formats: triples, OpenKE's files, UMLS's RRF and OBO. Public domain: CC0 1.0.

    python3 make_graph.py            # write the files again, byte for byte
    python3 make_graph.py --check    # or only compare
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = {1: "illness", 2: "flu", 3: "cold", 4: "fever", 5: "sign", 6: "aspirin", 7: "virus"}
# Head, relation, tail, split.
FACTS = [
    (2, "isa", 1, "train"),
    (3, "isa", 1, "train"),
    (4, "isa", 5, "train"),
    (2, "has_symptom", 4, "train"),
    (3, "has_symptom", 4, "valid"),
    (6, "may_treat", 4, "train"),
    (6, "may_treat", 2, "test"),
    (2, "caused_by", 7, "train"),
    (3, "caused_by", 7, "train"),
]
SPLITS = ("train", "valid", "test")
TYPES = {1: ("T047", "Disease or Syndrome"), 4: ("T184", "Sign or Symptom"), 6: ("T121", "Pharmacologic Substance"), 7: ("T005", "Virus")}
TYPE_OF = {1: 1, 2: 1, 3: 1, 4: 4, 5: 4, 6: 6, 7: 7}
# Names of the inverse relations, which no fact of the four formats has: RRF states each fact both ways.
INVERSES = {"isa": "inverse_isa", "has_symptom": "is_symptom_of_it", "may_treat": "may_be_treated_by", "caused_by": "cause_of_the_illness"}


def triples():
    for split in SPLITS:
        lines = [f"{NAMES[head]}\t{relation}\t{NAMES[tail]}\n" for head, relation, tail, of in FACTS if of == split]
        yield f"triples/{split}.txt", "".join(lines)


def openke():
    entities = {name: number for number, name in enumerate(NAMES.values())}
    relations = sorted({relation for _, relation, _, _ in FACTS})
    yield "openke/entity2id.txt", f"{len(entities)}\n" + "".join(f"{name}\t{number}\n" for name, number in entities.items())
    yield "openke/relation2id.txt", f"{len(relations)}\n" + "".join(f"{name}\t{number}\n" for number, name in enumerate(relations))
    for split in SPLITS:
        rows = [
            f"{entities[NAMES[head]]} {entities[NAMES[tail]]} {relations.index(relation)}\n"
            for head, relation, tail, of in FACTS
            if of == split
        ]
        yield f"openke/{split}2id.txt", f"{len(rows)}\n" + "".join(rows)


def obo():
    lines = ["format-version: 1.2", "ontology: sample", ""]
    for number, name in NAMES.items():
        lines += ["[Term]", f"id: X:{number}", f"name: {name}", "namespace: sample"]
        if name == "flu":
            lines += ['def: "An illness of the nose." []', 'synonym: "influenza" EXACT []', 'synonym: "grippe \\"true\\"" RELATED []']
        lines += [f"relationship: {relation} X:{tail} ! {NAMES[tail]}" for head, relation, tail, _ in FACTS if head == number]
        lines.append("")
    lines += ["[Term]", "id: X:8", "name: old flu", "is_obsolete: true", ""]
    lines += ["[Typedef]", "id: has_symptom", "name: has symptom", ""]
    yield "graph.obo", "\n".join(lines)


def cui(number):
    return f"C{number:07d}"


def umls():
    names = []

    def name(concept, text, language="ENG", status="P", suppressed="N"):
        n = len(names) + 1
        names.append(
            f"{cui(concept)}|{language}|{status}|L{n:07d}|PF|S{n:07d}|Y|A{n:07d}||||SAMPLE|PT|{n}|{text}|0|{suppressed}||\n"
        )

    for number, text in NAMES.items():
        if text == "flu":
            name(number, "influenza", status="S")
        name(number, text)
        if text == "flu":
            name(number, 'grippe "true"', status="S")
            name(number, "grippe", language="FRE")
            name(number, "old flu", status="S", suppressed="O")
    yield "umls/MRCONSO.RRF", "".join(names)
    types = [f"{cui(number)}|{TYPES[kind][0]}|B|{TYPES[kind][1]}|AT{number:07d}||\n" for number, kind in TYPE_OF.items()]
    yield "umls/MRSTY.RRF", "".join(types)
    doc = []
    for relation, inverse in INVERSES.items():
        doc += [f"RELA|{relation}|rela_inverse|{inverse}|\n", f"RELA|{inverse}|rela_inverse|{relation}|\n"]
        doc.append(f"RELA|{relation}|expanded_form|{relation.replace('_', ' ')}|\n")
    yield "umls/MRDOC.RRF", "".join(doc)
    rows = []

    def row(head, relation, tail, suppressed="N", direction="Y", kind="RO"):
        n = len(rows) + 1
        rows.append(
            f"{cui(tail)}|A1|AUI|{kind}|{cui(head)}|A2|AUI|{relation}|R{n}||SAMPLE|SAMPLE||{direction}|{suppressed}||\n"
        )

    for head, relation, tail, _ in FACTS:
        row(head, relation, tail)
        row(tail, INVERSES[relation], head, direction="N")
    # What is left out: a suppressed fact, one without a relation, one to itself, one to no concept.
    row(2, "may_treat", 3, suppressed="O")
    row(2, "", 3, kind="SIB")
    row(2, "isa", 2)
    row(2, "isa", 9)
    yield "umls/MRREL.RRF", "".join(rows)


def main():
    files = [file for write in (triples, openke, obo, umls) for file in write()]
    if sys.argv[1:] == ["--check"]:
        differ = [name for name, text in files if (HERE / name).read_text(encoding="utf-8") != text]
        sys.exit(f"differ: {', '.join(differ)}" if differ else 0)
    for name, text in files:
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
