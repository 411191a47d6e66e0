"""`kprep wordnet`, `kprep graph` on UMLS's files and CrossWikis priors, beside a scan of their lines; and rows of mentions beside
`kprep align` on the same pages."""

import os
import random
from pathlib import Path

from measure import Run, best, run

SAMPLE = Path(__file__).resolve().parent.parent.parent / "data" / "sample"

CONCEPTS = 200_000
RELATIONS = 3_000_000
FORMS = 1_000_000
# Relations and their inverses, as MRDOC.RRF names them.
INVERSES = {"isa": "inverse_isa", "has_finding_site": "finding_site_of", "may_treat": "may_be_treated_by", "part_of": "has_part"}


def line(what: str, r: Run, mb: float, base: Run | None = None) -> None:
    ratio = f"{r.seconds / base.seconds:8.1f} x" if base else ""
    print(f"  {what:<44} {r.seconds:8.2f} s {r.cpu_seconds:8.2f} s CPU {mb / r.seconds:8.0f} MB/s {r.peak_mb:6.0f} MB {ratio}", flush=True)


def scan(files: list[Path]) -> Run:
    return best(["sh", "-c", 'cat "$@" | wc -l', "sh", *files])


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


def bench_knowledge(binaries: Path, work: Path) -> None:
    kprep, readers = binaries / "kprep", binaries / "examples" / "readers"
    out = ["--overwrite", "--quiet", "--out"]
    print("\nsources of knowledge (wall, processor, input a second, peak memory, times as slow as a scan of the lines)")

    wordnet = Path(os.environ.get("KPREP_WORDNET", SAMPLE / "wordnet"))
    files = [file for file in sorted(wordnet.iterdir()) if file.name.startswith(("data.", "index."))]
    base = scan(files)
    line(f"cat | wc -l: {'WordNet' if 'KPREP_WORDNET' in os.environ else 'the sample wordnet'}", base, size(files))
    line("its readers alone, 1 thread", best([readers, *files]), size(files), base)
    line("kprep wordnet", best([kprep, "wordnet", wordnet, *out, work / "wordnet"]), size(files), base)

    files = write_umls(work / "umls")
    base = scan(files)
    line(f"cat | wc -l: {RELATIONS} relations of UMLS's shape", base, size(files))
    read = [file for file in files if file.name in ("MRCONSO.RRF", "MRREL.RRF")]
    line("its readers alone, 1 thread", best([readers, *read]), size(read), base)
    line("kprep graph", run([kprep, "graph", work / "umls", *out, work / "graph"]), size(files), base)

    dumps = SAMPLE / "dumps"
    run([kprep, "wikidata", dumps / "wikidata.json.gz", *out, work / "items"])
    run([kprep, "wikipedia", dumps / "wikipedia.xml.bz2", *out, work / "pages"])
    tables = ["--wikidata", work / "items"]
    align = best([kprep, "align", "--wikipedia", work / "pages", *tables, *out, work / "aligned"])
    print("  rows of mentions, the sample's pages (wall, processor, pages a second are the same, times as slow as kprep align)")
    mb = size(sorted((work / "pages" / "pages" / "data").iterdir()))
    line("kprep align", align, mb)
    aligned = ["--aligned", work / "aligned", *tables]
    for name in "replaced", "links":
        line(f"kprep knowledge {name}", best([kprep, "knowledge", name, *aligned, *out, work / name]), mb, align)
    files = write_priors(work / "priors.txt")
    base = scan(files)
    line(f"cat | wc -l: priors of {FORMS} forms", base, size(files))
    line("its reader alone, 1 thread", best([readers, *files]), size(files), base)
    with_priors = [kprep, "knowledge", "links", *aligned, "--priors", files[0], *out, work / "linked"]
    line("kprep knowledge links --priors", run(with_priors), size(files), base)
