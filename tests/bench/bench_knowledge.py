"""`kprep wordnet`, `kprep graph` on UMLS's files and CrossWikis priors, beside a scan of their lines; and rows of mentions beside
`kprep align` on the same pages."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

from measure import run
from side_by_side import Row, Way

SAMPLE = Path(__file__).resolve().parent.parent.parent / "data" / "sample"

CONCEPTS = 200_000
RELATIONS = 3_000_000
FORMS = 1_000_000
# Relations and their inverses, as MRDOC.RRF names them.
INVERSES = {"isa": "inverse_isa", "has_finding_site": "finding_site_of", "may_treat": "may_be_treated_by", "part_of": "has_part"}


def scan(files: list[Path], mb: float) -> Way:
    return Way("cat | wc -l", ["sh", "-c", 'cat "$@" | wc -l', "sh", *files], mb)


def size(files: list[Path]) -> float:
    return sum(file.stat().st_size for file in files) / 1e6


def write_umls(to: Path) -> list[Path]:
    """A release in shape alone: names of a few words, each fact beside its inverse, as UMLS has it."""
    to.mkdir()
    draw = random.Random(42)
    syllables = [a + b for a in "bdfklmnprst" for b in "aeiou"]
    with (to / "MRCONSO.RRF").open("w") as file:
        for n in range(CONCEPTS):
            name = " ".join("".join(draw.choices(syllables, k=3)) for _ in range(draw.randint(1, 4)))
            file.write(f"C{n:07}|ENG|P|L{n:07}|PF|S{n:07}|Y|A{n:08}||M{n:07}|D{n:06}|MSH|MH|D{n:06}|{name}|0|N|256|\n")
    with (to / "MRDOC.RRF").open("w") as file:
        for relation, inverse in INVERSES.items():
            file.write(f"RELA|{relation}|rela_inverse|{inverse}|\nRELA|{inverse}|rela_inverse|{relation}|\n")
    pairs = list(INVERSES.items())
    rows = []
    for _ in range(RELATIONS // 2):
        one, two = draw.randrange(CONCEPTS), draw.randrange(CONCEPTS)
        relation, inverse = draw.choice(pairs)
        rows += [(one, two, relation), (two, one, inverse)]
    rows.sort()  # by CUI1, as UMLS is
    with (to / "MRREL.RRF").open("w") as file:
        for n, (a, b, name) in enumerate(rows):
            file.write(f"C{a:07}|A{a:08}|SCUI|RO|C{b:07}|A{b:08}|SCUI|{name}|R{n:09}||SNOMEDCT_US|SNOMEDCT_US|0|Y|N||\n")
    return sorted(to.iterdir())


def write_priors(to: Path) -> list[Path]:
    draw = random.Random(42)
    with to.open("w") as file:
        for n in range(FORMS):
            entities = "\t".join(f"{draw.randrange(5_000_000)},0.{k}00000,Title_{n % 99991}_{k}" for k in range(5, 0, -1))
            file.write(f"form {n}\t{n % 1000 + 1}\t{entities}\n")
    return [to]


def bench_knowledge(binaries: Path, work: Path) -> Iterator[Row]:
    kprep, readers = binaries / "kprep", binaries / "examples" / "readers"
    out = ["--overwrite", "--quiet", "--out"]

    def rows(what: str, files: list[Path], read: list[Path], ours: Way) -> Iterator[Row]:
        """A command beside its readers alone, and these beside a scan of the lines."""
        alone = Way("its readers alone, 1 thread", [readers, *read], size(read))
        yield Row(what, "MB", alone, [scan(read, size(read))])
        yield Row(what, "MB", ours, floor=Way(alone.name, alone.command, size(files)))

    wordnet = Path(os.environ.get("KPREP_WORDNET", SAMPLE / "wordnet"))
    files = [file for file in sorted(wordnet.iterdir()) if file.name.startswith(("data.", "index."))]
    what = "WordNet" if "KPREP_WORDNET" in os.environ else "the sample wordnet"
    ours = Way("kprep wordnet", [kprep, "wordnet", wordnet, *out, work / "wordnet"], size(files))
    yield from rows(what, files, files, ours)

    files = write_umls(work / "umls")
    read = [file for file in files if file.name in ("MRCONSO.RRF", "MRREL.RRF")]
    ours = Way("kprep graph", [kprep, "graph", work / "umls", *out, work / "graph"], size(files))
    yield from rows(f"{RELATIONS} relations of UMLS's shape", files, read, ours)

    dumps = SAMPLE / "dumps"
    run([kprep, "wikidata", dumps / "wikidata.json.gz", *out, work / "items"])
    run([kprep, "wikipedia", dumps / "wikipedia.xml.bz2", *out, work / "pages"])
    tables = ["--wikidata", work / "items"]
    aligned = ["--aligned", work / "aligned", *tables]
    mb = size(sorted((work / "pages" / "pages" / "data").iterdir()))
    align = Way("kprep align", [kprep, "align", "--wikipedia", work / "pages", *tables, *out, work / "aligned"], mb)
    run(align.command)
    for name in "replaced", "links":
        ours = Way(f"kprep knowledge {name}", [kprep, "knowledge", name, *aligned, *out, work / name], mb)
        yield Row("pages of the sample", "MB", ours, [align])
    files = write_priors(work / "priors.txt")
    with_priors = [kprep, "knowledge", "links", *aligned, "--priors", files[0], *out, work / "linked"]
    yield from rows(f"priors of {FORMS} forms", files, files, Way("kprep knowledge links --priors", with_priors, size(files)))
