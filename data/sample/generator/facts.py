"""The tables in facts/ as entities, documents to write and facts between entities."""

import csv
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

FACTS = Path(__file__).parent / "facts"
WIKIDATA = "http://www.wikidata.org/entity/"
XSD = "http://www.w3.org/2001/XMLSchema#"
MONTHS = "January February March April May June July August September October November December".split()

# Column of a table -> the property that links the table's first column to it.
PROPERTIES = {
    "countries": {"capital": "P36", "language": "P37", "currency": "P38", "continent": "P30", "neighbour": "P47"},
    "elements": {"symbol": "P246", "number": "P1086", "discoverer": "P61"},
    "people": {"born": "P569", "birthplace": "P19", "died": "P570", "deathplace": "P20", "occupation": "P106"},
    "books": {"author": "P50", "year": "P577"},
    "films": {"director": "P57", "year": "P577"},
    "music": {"composer": "P86"},
    "art": {"artist": "P170", "museum": "P276"},
    "albums": {"performer": "P175", "year": "P577"},
    "rivers": {"mouth": "P403", "country": "P17"},
    "places": {"country": "P17"},
    "companies": {"headquarters": "P159", "founder": "P112", "year": "P571"},
    "inventions": {"inventor": "P61"},
    "moons": {"planet": "P397", "discoverer": "P61"},
    "battles": {"date": "P585"},
}
# Column -> kind of entity; columns that are not here are their own kind.
KINDS = {
    "capital": "city", "birthplace": "city", "deathplace": "city", "headquarters": "city",
    "neighbour": "country",
    "discoverer": "person", "author": "person", "director": "person", "composer": "person", "artist": "person",
    "founder": "person", "inventor": "person",
    "born": "date", "died": "date", "date": "date", "year": "date",
    "artwork": "art",
}  # fmt: skip
WITH_THE = {"river", "sea", "currency", "battle", "museum"}


def pick(key: str, size: int) -> int:
    """A number below `size` that depends on nothing but `key`, so that a new fact does not reshuffle the rest."""
    return int.from_bytes(hashlib.sha256(f"42 {key}".encode()).digest()[:8], "big") % size


@dataclass(frozen=True)
class Entity:
    """Something that a sentence can mention."""

    kind: str
    name: str
    uri: str
    article: bool = False
    pronoun: str = "it"

    @property
    def is_literal(self) -> bool:
        return "^^" in self.uri

    @property
    def annotator(self) -> str:
        return "Date_Linker" if self.kind == "date" else "Wikidata_Spotlight_Entity_Linker"


@dataclass
class Record:
    """A row of a table: what one document is about."""

    table: str
    column: str
    subject: Entity
    values: dict[str, list[Entity]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


def rows(table: str) -> list[dict[str, str]]:
    with (FACTS / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


QIDS = {(row["kind"], row["name"]): row["qid"] for row in rows("qids")}


def qid(kind: str, name: str) -> str:
    """Wikidata's id where it is known, else a made-up one above Q900000000 that depends on kind and name."""
    known = QIDS.get((kind, name))
    return known or f"Q{900_000_001 + pick(f'qid {kind} {name}', 90_000_000)}"


def date(value: str) -> Entity:
    """`1775-12-16` or `1815`, as text and as T-REx's literal; some literals have their type in angle brackets."""
    parts = value.split("-")
    if len(parts) == 3:
        name = f"{int(parts[2])} {MONTHS[int(parts[1]) - 1]} {parts[0]}"
    else:
        name, parts = value, [value, "00", "00"]
    kind = f"<{XSD}dateTime>" if pick(f"angle {value}", 8) == 0 else f"{XSD}dateTime"
    return Entity("date", name, f"{'-'.join(parts)}T00:00:00Z^^{kind}")


def entity(kind: str, name: str, article: bool = False, pronoun: str = "it") -> Entity:
    if kind == "date":
        return date(name)
    if kind == "number":
        return Entity(kind, name, f"+{name}^^{XSD}decimal")
    if kind == "symbol":
        return Entity(kind, name, f"{name}^^{XSD}string")
    return Entity(kind, name, WIKIDATA + qid(kind, name), article or kind in WITH_THE, pronoun)


def value_kind(column: str, row: dict[str, str]) -> str:
    """The kind of the entity in a column."""
    if column == "mouth":
        return row["mouth_kind"]
    if column == "performer":
        return "band" if row["band"] else "person"
    return KINDS.get(column, column)


def record(table: str, row: dict[str, str], with_the: set[str]) -> Record:
    """One row of a table; `with_the` names the countries that take the article."""
    first, own_article = next(iter(row)), row.get("article") == "the"
    kind = row["kind"] if table == "places" else KINDS.get(first, first)
    # In art and albums the column `article` is about the museum and the band.
    article = own_article and table not in ("art", "albums") or row[first] == "Moon"
    made = Record(table, first, entity(kind, row[first], article, row.get("pronoun", "it")))
    for column in PROPERTIES[table]:
        kind = value_kind(column, row)
        for name in filter(None, row[column].split("/")):
            article = kind == "country" and name in with_the or kind == "band" and own_article
            made.values.setdefault(column, []).append(entity(kind, name, article))
    made.words = {key: row[key] for key in ("kind", "verb") if row.get(key)}
    return made


def load() -> list[Record]:
    """All records, a table after the other, then every third capital city as a record of its own."""
    with_the = {row["country"] for row in rows("countries") if row["article"]}
    records = [record(table, row, with_the) for table in PROPERTIES for row in rows(table)]
    for country in records[: len(rows("countries"))]:
        for capital in country.values.get("capital", []):
            if pick(f"capital {capital.name}", 3) == 0:
                records.append(Record("capitals", "city", capital, {"country": [country.subject]}))
    return records


def facts(records: list[Record]) -> set[tuple[str, str, str]]:
    """(subject URI, P-id, object URI) of all tables, with the inverse of `capital` and `neighbour`."""
    known = set()
    for item in records:
        for column, prop in PROPERTIES.get(item.table, {}).items():
            for value in item.values.get(column, []):
                known.add((item.subject.uri, prop, value.uri))
                if prop == "P47":
                    known.add((value.uri, prop, item.subject.uri))
                if prop == "P36":
                    known.add((value.uri, "P1376", item.subject.uri))
    return known
