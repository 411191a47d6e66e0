"""Tiny dumps of Wikidata and Wikipedia about the same world as the T-REx documents: `kprep align` makes new ones of them."""

import json
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from .facts import PROPERTIES, Entity, Record, load, pick
from .templates import Sentence
from .trex import PHRASES, sentences_about

# Records of each table that get an entity and a page.
SHARES = {"countries": 3, "elements": 3, "people": 4, "books": 4, "films": 4, "music": 4, "albums": 3, "rivers": 3, "companies": 4, "places": 5}
# What the entities of a kind are.
CLASSES = {
    "country": "Q6256", "city": "Q515", "person": "Q5", "book": "Q47461344", "film": "Q11424", "river": "Q4022", "sea": "Q165",
    "element": "Q11344", "company": "Q4830453", "language": "Q34770", "currency": "Q8142", "album": "Q482994", "band": "Q215380",
    "continent": "Q5107", "occupation": "Q28640", "mountain": "Q8502", "work": "Q105543609", "lake": "Q23397", "island": "Q23442",
}  # fmt: skip
LABELS = {
    "P17": "country", "P19": "place of birth", "P20": "place of death", "P30": "continent", "P31": "instance of",
    "P36": "capital", "P37": "official language", "P38": "currency", "P47": "shares border with", "P50": "author",
    "P57": "director", "P61": "discoverer or inventor", "P86": "composer", "P106": "occupation", "P112": "founded by",
    "P159": "headquarters location", "P175": "performer", "P246": "element symbol", "P403": "mouth of the watercourse",
    "P569": "date of birth", "P570": "date of death", "P571": "inception", "P577": "publication date", "P1086": "atomic number",
    "P1376": "capital of",
}  # fmt: skip
ALIASES = {"United States": ["US", "United States of America"], "United Kingdom": ["UK"], "Netherlands": ["Holland"], "New York City": ["NYC"]}
DATATYPES = {"P569": "time", "P570": "time", "P571": "time", "P577": "time", "P1086": "quantity", "P246": "string"}
NAMESPACES = [("-1", "Special"), ("0", ""), ("1", "Talk"), ("10", "Template"), ("14", "Category")]


def number(uri: str) -> str:
    """`Q42` of a URI."""
    return uri.rsplit("/", 1)[1]


class World:
    """Chosen records, the entities that they and their values are, and a title for each."""

    def __init__(self) -> None:
        every = load()
        self.records = [r for r in every if r.table in SHARES and pick(f"dump {r.table} {r.subject.name}", SHARES[r.table]) == 0]
        self.entities: dict[str, Entity] = {}
        for record in self.records:
            for item in (record.subject, *(value for values in record.values.values() for value in values)):
                if not item.is_literal:
                    self.entities.setdefault(number(item.uri), item)
        names: dict[str, int] = {}
        for item in self.entities.values():
            names[upper(item.name)] = names.get(upper(item.name), 0) + 1
        self.titles = {
            qid: upper(item.name) if names[upper(item.name)] == 1 else f"{upper(item.name)} ({item.kind})" for qid, item in self.entities.items()
        }
        self.ambiguous = sorted(name for name, count in names.items() if count > 1)


def upper(name: str) -> str:
    return name[0].upper() + name[1:]


def snak(prop: str, value: Entity | str) -> dict[str, Any]:
    """A statement's value in the form of the JSON dump."""
    if isinstance(value, str):
        datatype, data = "wikibase-item", {"value": item_value(value), "type": "wikibase-entityid"}
    elif value.kind == "date":
        time, precision = value.uri.split("^^")[0], 11
        if time[5:7] == "00":
            precision = 9
        content = {"time": f"+{time}", "timezone": 0, "before": 0, "after": 0, "precision": precision}
        datatype, data = "time", {"value": content | {"calendarmodel": "http://www.wikidata.org/entity/Q1985727"}, "type": "time"}
    elif value.kind == "number":
        datatype, data = "quantity", {"value": {"amount": f"+{value.name}", "unit": "1"}, "type": "quantity"}
    elif value.kind == "symbol":
        datatype, data = "string", {"value": value.name, "type": "string"}
    else:
        datatype, data = "wikibase-item", {"value": item_value(number(value.uri)), "type": "wikibase-entityid"}
    return {"snaktype": "value", "property": prop, "datavalue": data, "datatype": datatype}


def item_value(qid: str) -> dict[str, Any]:
    return {"entity-type": "item", "numeric-id": int(qid[1:]), "id": qid}


def statement(subject: str, prop: str, place: int, value: Entity | str, rank: str = "normal") -> dict[str, Any]:
    return {"mainsnak": snak(prop, value), "type": "statement", "id": f"{subject}$sample-{prop}-{place}", "rank": rank}


def text(value: str) -> dict[str, str]:
    return {"language": "en", "value": value}


def claims_of(world: World) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Statements of every entity: what it is, and what the tables say of it in both directions."""
    claims: dict[str, dict[str, list[Any]]] = {qid: {} for qid in world.entities}

    def add(qid: str, prop: str, value: Entity | str, rank: str = "normal") -> None:
        statements = claims[qid].setdefault(prop, [])
        new = statement(qid, prop, len(statements) + 1, value, rank)
        if all(old["mainsnak"] != new["mainsnak"] for old in statements):
            statements.append(new)

    for qid, item in world.entities.items():
        if item.kind in CLASSES:
            add(qid, "P31", CLASSES[item.kind])
    for record in world.records:
        subject = number(record.subject.uri)
        properties = PROPERTIES.get(record.table, {})
        for column, values in record.values.items():
            for value in values:
                if column in properties:
                    add(subject, properties[column], value)
                if properties.get(column) == "P47":
                    add(number(value.uri), "P47", record.subject)
                if properties.get(column) == "P36":
                    add(number(value.uri), "P1376", record.subject)
                    add(number(value.uri), "P17", record.subject)
    return claims


def wikidata() -> str:
    """`[`, an entity a line, `]`: properties, classes, then the other items, each by their number."""
    world = World()
    claims = claims_of(world)
    phrases: dict[str, list[str]] = {}
    for phrase, prop in PHRASES.items():
        phrases.setdefault(prop, []).append(phrase)
    lines = []
    for prop, label in LABELS.items():
        aliases = [text(phrase) for phrase in phrases.get(prop, []) if phrase != label]
        head = {"type": "property", "datatype": DATATYPES.get(prop, "wikibase-item"), "id": prop, "labels": {"en": text(label)}}
        # Empty maps are lists in real dumps.
        lines.append(head | {"descriptions": [], "aliases": {"en": aliases} if aliases else [], "claims": []})
    used = sorted({CLASSES[item.kind] for item in world.entities.values() if item.kind in CLASSES}, key=lambda qid: int(qid[1:]))
    for kind, qid in ((kind, qid) for qid in used for kind, known in CLASSES.items() if known == qid):
        head = {"type": "item", "id": qid, "labels": {"en": text(kind)}, "descriptions": {"en": text("class")}}
        lines.append(head | {"aliases": [], "claims": [], "sitelinks": []})
    for qid, item in sorted(world.entities.items(), key=lambda pair: int(pair[0][1:])):
        aliases = [text(alias) for alias in ALIASES.get(item.name, [])]
        lines.append(
            {
                "type": "item",
                "id": qid,
                "labels": {"en": text(item.name)},
                "descriptions": {"en": text(item.kind)},
                "aliases": {"en": aliases} if aliases else [],
                "claims": claims[qid] or [],
                "sitelinks": {"enwiki": {"site": "enwiki", "title": world.titles[qid], "badges": []}},
            }
        )
    dumped = [json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines]
    return "[\n" + ",\n".join(dumped) + "\n]\n"


def linked(sentence: Sentence, subject: Entity, world: World, seen: set[str]) -> str:
    """A sentence as wikitext: the page's own name in bold, and each other entity a link where it is first mentioned."""
    written = sentence.text
    places = sorted(((sentence.span(m), m.entity) for m in sentence.mentions if not m.coreference), key=lambda pair: pair[0], reverse=True)
    marks = []
    for (start, end), item in reversed(places):
        if not item.is_literal and item.uri not in seen:
            seen.add(item.uri)
            marks.append((start, end, item))
    for start, end, item in reversed(marks):
        surface = written[start:end]
        if item.uri == subject.uri:
            mark = f"'''{surface}'''"
        else:
            title = world.titles[number(item.uri)]
            mark = f"[[{surface}]]" if upper(surface) == title else f"[[{title}|{surface}]]"
        written = written[:start] + mark + written[end:]
    return written


def wikitext(record: Record, world: World) -> str:
    """A page with what real pages have around their text: an infobox, a reference, a comment, sections, categories."""
    seen: set[str] = set()
    known = {item.uri for item in world.entities.values()}
    sentences = [s for s in sentences_about(record) if all(m.entity.is_literal or m.entity.uri in known for m in s.mentions)]
    lines = [linked(sentence, record.subject, world, seen) for sentence in sentences]
    middle = (len(lines) + 1) // 2
    reference = "<ref>{{cite book |title=Tables of this project |page=1}}</ref>"
    parts = [
        f"{{{{Infobox {record.subject.kind}\n| name = {record.subject.name}\n}}}}",
        " ".join(lines[:middle]) + reference,
        "<!-- The rest is below the first heading. -->",
        "== Facts ==\n" + " ".join(lines[middle:]) if lines[middle:] else "",
        f"== See also ==\n* [[List of entities of kind {record.subject.kind}]]",
        f"[[Category:{upper(record.subject.kind)}]]",
    ]
    return "\n\n".join(part for part in parts if part)


def pages(world: World) -> Iterator[tuple[str, str, str | None, str]]:
    """Title, namespace, target of a redirect, text."""
    for record in world.records:
        yield world.titles[number(record.subject.uri)], "0", None, wikitext(record, world)
    by_name = {item.name: world.titles[qid] for qid, item in world.entities.items()}
    for name, aliases in ALIASES.items():
        if name in by_name:
            for alias in aliases:
                yield alias, "0", by_name[name], f"#REDIRECT [[{by_name[name]}]]"
    for name in world.ambiguous:
        titles = sorted(title for title in world.titles.values() if title.startswith(f"{name} ("))
        lines = "\n".join(f"* [[{title}]]" for title in titles)
        yield name, "0", None, f"'''{name}''' may be:\n{lines}\n{{{{Disambiguation}}}}"
    yield "Talk:Sample", "1", None, "This page is not in the main namespace. ~~~~"


def wikipedia() -> str:
    """A dump of pages-articles."""
    world = World()
    spaces = "".join(f'      <namespace key="{key}" case="first-letter">{name}</namespace>\n' for key, name in NAMESPACES)
    out = [
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">\n'
        "  <siteinfo>\n    <sitename>Sample</sitename>\n    <dbname>enwiki</dbname>\n    <case>first-letter</case>\n"
        f"    <namespaces>\n{spaces}    </namespaces>\n  </siteinfo>\n"
    ]
    for place, (title, space, target, content) in enumerate(pages(world), start=1):
        redirect = f'    <redirect title="{escape(target, {chr(34): "&quot;"})}" />\n' if target else ""
        out.append(
            f"  <page>\n    <title>{escape(title)}</title>\n    <ns>{space}</ns>\n    <id>{place}</id>\n{redirect}"
            f"    <revision>\n      <id>{1000 + place}</id>\n      <model>wikitext</model>\n      <format>text/x-wiki</format>\n"
            f'      <text xml:space="preserve">{escape(content)}</text>\n    </revision>\n  </page>\n'
        )
    return "".join(out) + "</mediawiki>\n"
