"""Write the sample data: T-REx documents, dependency parses, dumps of Wikidata and Wikipedia.

    python3 make_sample.py            write trex/, deps/ and dumps/ beside this file
    python3 make_sample.py --check    write nothing; fail if the files there are not what would be written

Needs the standard library only. The contents depend on nothing but the tables, templates and grammar in generator/.
"""

import argparse
import bz2
import gzip
import json
import sys
from pathlib import Path

from generator import conll, dumps, facts, grammar, trex

HERE = Path(__file__).parent
# Documents a file: the first indented, the second compact, the rest packed.
TREX_FILES = [("re-nlg_0-25.json", 25), ("re-nlg_25-75.json", 50), ("re-nlg_75-500.json.gz", 425), ("re-nlg_500-1000.json.gz", 500)]
FACT_SENTENCES = 500
CONLLU_SENTENCES = 900
CONLL_SENTENCES = 200
SENTENCES_A_DOCUMENT = 25


def in_order_of(items: list, key: str) -> list:
    """The items in an order that mixes the tables and never changes."""
    return sorted(items, key=lambda item: facts.pick(f"{key} {item[0]}", 1 << 62))


def trex_files() -> dict[str, str]:
    """File name -> JSON text."""
    records = facts.load()
    known = facts.facts(records)
    relations = sorted({relation for _, relation, _ in known})
    named = [(f"{record.table} {record.subject.name}", record) for record in records]
    documents = [trex.document(record, trex.sentences_about(record), known, relations) for _, record in in_order_of(named, "order")]
    files = {}
    place = 0
    sizes = [*TREX_FILES, (f"re-nlg_1000-{len(documents)}.json.gz", len(documents) - 1000)]
    for number, (name, size) in enumerate(sizes):
        part = documents[place : place + size]
        place += size
        files[f"trex/{name}"] = json.dumps(part, indent=3) if number == 0 else json.dumps(part)
    return files


def deps_files() -> dict[str, str]:
    """File name -> CoNLL text."""
    about = [(sentence.text, sentence.words) for record in facts.load() for sentence in trex.sentences_about(record) if sentence.has_tree]
    everyday = grammar.sentences(CONLLU_SENTENCES + CONLL_SENTENCES)
    trees = in_order_of(list(dict(about).items()), "facts")[:FACT_SENTENCES]
    trees += [(conll.sentence_text(words), words) for words in everyday[:CONLLU_SENTENCES]]
    blocks = []
    for number, (_, words) in enumerate(in_order_of(trees, "mixed")):
        if number % SENTENCES_A_DOCUMENT == 0:
            blocks.append(f"# newdoc id = sample-{number // SENTENCES_A_DOCUMENT + 1:02}\n")
        blocks.append(conll.conllu(words, f"sample-{number + 1:04}"))
    plain = "".join(conll.corenlp(words) for words in everyday[CONLLU_SENTENCES:])
    return {"deps/parses.conllu": "".join(blocks), "deps/parses.conll": plain}


def dump_files() -> dict[str, str]:
    """File name -> dump."""
    return {"dumps/wikidata.json.gz": dumps.wikidata(), "dumps/wikipedia.xml.bz2": dumps.wikipedia()}


def read(path: Path) -> str | None:
    if not path.exists():
        return None
    data = path.read_bytes()
    unpack = {".gz": gzip.decompress, ".bz2": bz2.decompress}.get(path.suffix, bytes)
    return unpack(data).decode("utf-8")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    data = text.encode("utf-8")
    # No time stamp in the gzip header: the same text gives the same file.
    if path.suffix == ".gz":
        data = gzip.compress(data, 9, mtime=0)
    path.write_bytes(bz2.compress(data) if path.suffix == ".bz2" else data)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the sample data")
    parser.add_argument("--check", action="store_true", help="compare with the files that are there, write nothing")
    args = parser.parse_args()

    files = trex_files() | deps_files() | dump_files()
    if args.check:
        wrong = [name for name, text in files.items() if read(HERE / name) != text]
        print("\n".join(f"{name} is not what make_sample.py writes" for name in wrong) or "all files are up to date")
        return 1 if wrong else 0
    for name, text in files.items():
        write(HERE / name, text)
        print(f"{name}: {(HERE / name).stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
