"""Documents in T-REx's JSON: sentences about a record, the entities in them, and triples as its three aligners find them."""

import re
from typing import Any

from .facts import Record, pick
from .templates import GROUPS, Sentence, realise

PROP = "http://www.wikidata.org/prop/direct/"
WORD = re.compile(r"\w+|[^\w\s]+")  # NLTK's WordPunctTokenizer
# Phrases that T-REx's property linker would find, longest first.
PHRASES = {
    "capital": "P36", "official language": "P37", "currency": "P38", "border": "P47", "borders": "P47", "neighbour": "P47",
    "author": "P50", "written by": "P50", "directed by": "P57", "director": "P57", "composer": "P86", "composed by": "P86",
    "creator": "P170", "born in": "P19", "birthplace": "P19", "born on": "P569", "died in": "P20", "died on": "P570",
    "symbol": "P246", "atomic number": "P1086", "headquarters": "P159", "based in": "P159", "founded by": "P112",
    "founder": "P112", "founded in": "P571", "invented by": "P61", "discovered by": "P61", "discoverer": "P61",
    "mouth": "P403", "flows into": "P403", "country": "P17", "published in": "P577", "recorded by": "P175", "moon of": "P397",
    "took place on": "P585", "fought on": "P585", "kept in": "P276",
}  # fmt: skip
LINKER = re.compile(r"\b(" + "|".join(sorted(PHRASES, key=len, reverse=True)) + r")\b")

# First sentences with a character outside the Basic Multilingual Plane. In the first document entity offsets count
# UTF-16 units after it, as those of T-REx's Java tools do; in the second they count code points.
CLEFS = {
    "Ludwig van Beethoven": "The sign 𝄞 stands at the start of many of his scores.",
    "Wolfgang Amadeus Mozart": "The sign 𝄢 stands at the start of many of his scores.",
}
UTF16 = {"Ludwig van Beethoven"}


def sentences_about(record: Record) -> list[Sentence]:
    """The sentences of one document: from each group of its table one, if the record has the values."""
    subject = record.subject
    sentences = []
    for group in GROUPS:
        if group.name.split(".")[0] != record.table:
            continue
        key = f"{record.table} {subject.name} {group.name}"
        if pick(f"{key} share", 1000) >= group.share * 1000:
            continue
        start = pick(key, len(group.templates))
        order = group.templates[start:] + group.templates[:start]
        possible = (realise(template, record, key) for template in order)
        chosen = next((sentence for sentence in possible if sentence is not None), None)
        if chosen is not None:
            sentences.append(chosen)
    return sentences


def node(boundaries: list[int] | None, surface: str | None, uri: str, annotator: str) -> dict[str, Any]:
    return {"boundaries": boundaries, "surfaceform": surface, "uri": uri, "annotator": annotator}


def triple(aligner: str, sentence: int | None, subject: dict[str, Any], predicate: dict[str, Any], obj: dict[str, Any]) -> dict[str, Any]:
    return {
        "sentence_id": sentence,
        "predicate": predicate,
        "object": obj,
        "dependency_path": None,
        "confidence": None,
        "subject": subject,
        "annotator": aligner,
    }


def align(
    sentence: int,
    mentions: list[dict[str, Any]],
    properties: list[dict[str, Any]],
    record: Record,
    facts: set[tuple[str, str, str]],
    relations: list[str],
) -> list[dict[str, Any]]:
    """Triples of one sentence: SPO needs the relation named, NoSub takes the page's entity, Simple takes every pair."""
    triples = []
    items = [mention for mention in mentions if "^^" not in mention["uri"]]
    for prop in properties:
        name = prop["uri"].removeprefix(PROP)
        for subject in items:
            for obj in mentions:
                if (subject["uri"], name, obj["uri"]) in facts:
                    triples.append(triple("SPOAligner", sentence, subject, prop, obj))
    page = record.subject.uri
    own = [mention for mention in items if mention["uri"] == page]
    subject = own[0] if own else node(None, record.subject.name, page, "NoSubject-Triple-aligner")
    for obj in mentions:
        for name in relations:
            if (page, name, obj["uri"]) in facts:
                triples.append(
                    triple("NoSubject-Triple-aligner", sentence, subject, node(None, None, PROP + name, "NoSubject-Triple-aligner"), obj)
                )
    for subject in items:
        for obj in mentions:
            for name in relations:
                if (subject["uri"], name, obj["uri"]) in facts:
                    triples.append(triple("Simple-Aligner", sentence, subject, node(None, None, PROP + name, "Simple-Aligner"), obj))
    return triples


def utf16(text: str, place: int) -> int:
    """A place in code points as a place in UTF-16 units."""
    return len(text[:place].encode("utf-16-le")) // 2


def document(record: Record, sentences: list[Sentence], facts: set[tuple[str, str, str]], relations: list[str]) -> dict[str, Any]:
    """One T-REx document."""
    name = record.subject.name
    texts = [CLEFS[name]] if name in CLEFS else []
    opening = len(texts)
    texts += [sentence.text for sentence in sentences]
    text = " ".join(texts)
    place = (lambda at: utf16(text, at)) if name in UTF16 else (lambda at: at)
    bounds, entities, triples = [], [], []
    start = 0
    for index, part in enumerate(texts):
        bounds.append([start, start + len(part)])
        if index >= opening:
            mentions = []
            for mention in sentences[index - opening].mentions:
                a, b = (start + at for at in sentences[index - opening].span(mention))
                annotator = "Simple_Coreference" if mention.coreference else mention.entity.annotator
                mentions.append(node([place(a), place(b)], text[a:b], mention.entity.uri, annotator))
            linked = [
                node([place(start + m.start()), place(start + m.end())], m[0], PROP + PHRASES[m[0]], "Wikidata_Property_Linker")
                for m in LINKER.finditer(part)
            ]
            entities += mentions + linked
            triples += align(index, mentions, linked, record, facts, relations)
        start += len(part) + 1
    for number, item in enumerate(triples):
        if pick(f"no sentence {name} {number}", 50) == 0:
            item["sentence_id"] = None  # T-REx has such triples; the spans still say which sentence it is
    return {
        "docid": record.subject.uri,
        "title": name,
        "text": text,
        "uri": record.subject.uri,
        "entities": entities,
        "words_boundaries": [[m.start(), m.end()] for m in WORD.finditer(text)],
        "triples": triples,
        "sentences_boundaries": bounds,
    }
