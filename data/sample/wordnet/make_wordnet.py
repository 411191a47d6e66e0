"""Write the sample wordnet: data.*, index.*, index.sense, cntlist.rev, *.exc, and the same as WN-LMF.

    python3 make_wordnet.py            write the files beside this one
    python3 make_wordnet.py --check    write nothing; fail if the files there are not what would be written

Needs the standard library only. The synsets are those of synsets.txt, a synset for each of the first chemical elements, and
one for each of the first capitals of ../generator/facts.
"""

import argparse
import csv
import gzip
import sys
from collections import Counter, defaultdict
from pathlib import Path
from xml.sax.saxutils import quoteattr

HERE = Path(__file__).parent
FACTS = HERE.parent / "generator" / "facts"
ELEMENTS, CAPITALS = 60, 40
LEXNAMES = (
    "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition "
    "noun.communication noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person "
    "noun.phenomenon noun.plant noun.possession noun.process noun.quantity noun.relation noun.shape noun.state noun.substance "
    "noun.time verb.body verb.change verb.cognition verb.communication verb.competition verb.consumption verb.contact "
    "verb.creation verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative verb.weather adj.ppl"
).split()
PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
# Symbol, its inverse, and both by WN-LMF's names.
SYMBOLS = [
    ("@", "~", "hypernym", "hyponym"), ("@i", "~i", "instance_hypernym", "instance_hyponym"),
    ("#p", "%p", "holo_part", "mero_part"), ("=", "=", "attribute", "attribute"), ("&", "&", "similar", "similar"),
    ("^", "^", "also", "also"), ("*", "", "entails", ""), (">", "", "causes", ""), (";c", "-c", "domain_topic", "has_domain_topic"),
    ("!", "", "antonym", ""), ("+", "+", "derivation", "derivation"), ("\\", "", "pertainym", ""),
]
NAMES = {symbol: name for a, b, x, y in SYMBOLS for symbol, name in ((a, x), (b, y)) if symbol}
INVERSE = {a: b for a, b, _, _ in SYMBOLS}
NOTICE = [
    "Sample WordNet 1.0 Copyright waived: CC0 1.0, public domain.",
    "Written for the tests of kprep in the format of WordNet's database.",
    "https://creativecommons.org/publicdomain/zero/1.0/",
]
LICENSE = "\n".join(NOTICE)


class Word:
    def __init__(self, text):
        text, _, forms = text.partition("=")
        text, _, count = text.partition("*")
        if not count:
            forms, _, count = forms.partition("*")
        self.text, _, place = text.partition("(")
        self.place = f"({place}" if place else ""
        self.count = int(count or 0)
        self.forms = [form for form in forms.split(",") if form]
        self.lex_id, self.number = 0, 0


class Synset:
    def __init__(self, key, lexname, words, pointers, gloss, *examples):
        self.key, self.lexfile = key, LEXNAMES.index(lexname)
        self.part = lexname.split(".")[0]
        self.words = [Word(word) for word in split_words(words)]
        self.wanted = pointers.split()
        self.gloss, self.examples = gloss, list(examples)
        self.kind = "s" if any(p.startswith("&") for p in self.wanted) else PARTS[self.part]
        self.pointers = []  # (symbol, synset, own word, its word)
        self.offset = 0

    @property
    def id(self):
        return f"{self.offset:08}-{self.kind}"

    def kept(self):
        """Words but for those that differ from an earlier one in capitals alone, and where each word went."""
        lemmas, kept = [], []
        for word in self.words:
            if word.text.lower() not in lemmas:
                lemmas.append(word.text.lower())
                kept.append(word)
        return kept

    def sense_key(self, word):
        word = next(kept for kept in self.kept() if kept.text.lower() == word.text.lower())
        head = ":"
        if self.kind == "s":
            of = next(target for symbol, target, *_ in self.pointers if symbol == "&")
            head = f"{of.words[0].text.lower()}:{of.words[0].lex_id:02}"
        return f"{word.text.lower()}%{'nvars'.index(self.kind) + 1}:{self.lexfile:02}:{word.lex_id:02}:{head}"


def split_words(text):
    """`a*1=x,y, b` at commas that blanks follow."""
    return [word.strip() for word in text.split(", ")]


def table():
    rows = [[cell.strip() for cell in line.split("|")] for line in (HERE / "synsets.txt").read_text().splitlines() if line[0] != "#"]
    rows.append(["element", "noun.substance", "chemical_element*3, element*8", "@substance", "a substance of one kind of atoms"])
    for row in list(csv.DictReader((FACTS / "elements.csv").open(encoding="utf-8")))[:ELEMENTS]:
        gloss = f"the chemical element with the symbol {row['symbol']} and the number {row['number']}"
        words = ", ".join(dict.fromkeys([row["element"], row["symbol"]]))
        rows.append([f"element.{row['element']}", "noun.substance", words, "@element", gloss])
    for row in list(csv.DictReader((FACTS / "countries.csv").open(encoding="utf-8")))[:CAPITALS]:
        city = row["capital"].replace(" ", "_")
        if city:
            rows.append([f"capital.{city}", "noun.location", city, "@i=capital.1", f"the capital of {row['country']}"])
    return [Synset(*row) for row in rows]


def link(synsets):
    known = {synset.key: synset for synset in synsets}
    for synset in synsets:
        for text in synset.wanted:
            symbol = next(s for s in sorted(INVERSE, key=len, reverse=True) if text.startswith(s))
            if symbol == "@i" and not text.startswith("@i="):
                symbol = "@"
            target, _, word = text[len(symbol) :].removeprefix("=").partition(":")
            target, word = known[target], int(word or 0)
            synset.pointers.append((symbol, target, int(word > 0), word))
            inverse = INVERSE[symbol]
            # Attributes and antonyms are stated on both sides of the table, but for attributes of nouns.
            if inverse:
                target.pointers.append((inverse, synset, word, int(word > 0)))


def number(synsets):
    """Identifies senses of one lexicographer file, and orders those of a word by their counts."""
    ids, senses = Counter(), defaultdict(list)
    for synset in synsets:
        for word in synset.words:
            lemma = word.text.lower()
            if word in synset.kept():
                word.lex_id = ids[lemma, synset.lexfile]
                senses[lemma, synset.part].append((synset, word))
            else:
                word.lex_id = ids[lemma, synset.lexfile]
            ids[lemma, synset.lexfile] += 1
    for list_of in senses.values():
        list_of.sort(key=lambda sense: -sense[1].count)
        for i, (_, word) in enumerate(list_of, 1):
            word.number = i
    return senses


def data_line(synset, offsets):
    words = "".join(f" {word.text}{word.place} {word.lex_id:x}" for word in synset.words)
    pointers = "".join(
        f" {symbol} {target.offset:08} {PARTS[target.part]} {own:02x}{its:02x}" for symbol, target, own, its in synset.pointers
    )
    frames = " 02 + 01 00 + 08 01" if synset.part == "verb" else ""
    gloss = "; ".join([synset.gloss, *(f'"{example}"' for example in synset.examples)])
    head = f"{synset.offset:08} {synset.lexfile:02} {synset.kind} {len(synset.words):02x}{words}"
    return f"{head} {len(synset.pointers):03}{pointers}{frames} | {gloss}  \n"


def wndb(synsets, senses):
    notice = "".join(f"  {i} {line}  \n" for i, line in enumerate(NOTICE, 1))
    for part in PARTS:
        at = len(notice.encode())
        for synset in synsets:
            if synset.part == part:
                synset.offset = at
                at += len(data_line(synset, None).encode())
    files, keys = {}, []
    for part, letter in PARTS.items():
        lines = [data_line(synset, None) for synset in synsets if synset.part == part]
        files[f"data.{part}"] = notice + "".join(lines)
        index, exceptions = [], []
        for (lemma, of), list_of in sorted(senses.items()):
            if of != part:
                continue
            symbols = sorted({symbol for synset, _ in list_of for symbol, *_ in synset.pointers})
            tagged = sum(word.count > 0 for _, word in list_of)
            fields = [lemma, letter, len(list_of), len(symbols), *symbols, len(list_of), tagged]
            index.append(" ".join(map(str, fields + [f"{synset.offset:08}" for synset, _ in list_of])) + "  \n")
            forms = dict.fromkeys(form for _, word in list_of for form in word.forms)
            exceptions += [f"{form} {lemma}\n" for form in forms]
            keys += [(synset.sense_key(word), synset, word) for synset, word in list_of]
        files[f"index.{part}"] = notice + "".join(index)
        files[f"{part}.exc"] = "".join(sorted(exceptions))
    keys.sort(key=lambda sense: sense[0])
    files["index.sense"] = "".join(f"{key} {s.offset:08} {word.number} {word.count}\n" for key, s, word in keys)
    files["cntlist.rev"] = "".join(f"{key} {word.number} {word.count}\n" for key, _, word in keys if word.count)
    return files


def lmf(synsets, senses):
    forms = {of: sorted({form for _, word in list_of for form in word.forms}) for of, list_of in senses.items()}
    entries = defaultdict(list)
    for synset in synsets:
        for word in synset.words:
            entries[word.text, synset.part].append((synset, word))
    sense_id = {}
    for synset in synsets:
        for i, word in enumerate(synset.words):
            key = synset.sense_key(word)
            lemma, rest = key.split("%")
            # Half of the ids hold the key, as in the Open English WordNet; two words may share one.
            id = f"sample-{lemma}__{rest.replace('_', '-sp-').replace(':', '.')}" if lemma < "m" else f"sample-{synset.id}-{i}"
            sense_id[id_of(word)] = id + ("x" if id in sense_id.values() else "")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE LexicalResource SYSTEM "http://globalwordnet.github.io/schemas/WN-LMF-1.3.dtd">',
        '<LexicalResource xmlns:dc="https://globalwordnet.github.io/schemas/dc/">',
        '<Lexicon id="sample" label="Sample WordNet" language="en" email="none@example.org" version="1.0"',
        f"  license={quoteattr(NOTICE[2])}>",
    ]
    in_sense = [synset for i, synset in enumerate(synsets) if i % 5 == 0 and len(synset.examples) == 1]
    for (text, part), list_of in entries.items():
        lemma = text.replace("_", " ")
        lines.append(f"<LexicalEntry id={quoteattr(f'sample-{text}-{PARTS[part]}')}>")
        lines.append(f'  <Lemma writtenForm={quoteattr(lemma)} partOfSpeech="{PARTS[part]}"/>')
        lines += [f"  <Form writtenForm={quoteattr(form)}/>" for form in forms[text.lower(), part]]
        for synset, word in list_of:
            kept = next(k for k in synset.kept() if k.text.lower() == word.text.lower())
            id, key = sense_id[id_of(word)], synset.sense_key(word)
            identifier = "" if "__" in id else f" dc:identifier={quoteattr(key)}"
            lines.append(f'  <Sense id={quoteattr(id)} n="{kept.number}" synset="sample-{synset.id}"{identifier}>')
            own = [p for p in synset.pointers if p[2] and synset.words[p[2] - 1] is word]
            for symbol, target, _, its in own:
                to = sense_id[id_of(target.words[its - 1])]
                lines.append(f'    <SenseRelation relType="{NAMES[symbol]}" target={quoteattr(to)}/>')
            if synset in in_sense and word is synset.words[0]:
                lines.append(f"    <Example>{escaped(synset.examples[0])}</Example>")
            if kept.count:
                lines.append(f"    <Count>{kept.count}</Count>")
            lines.append("  </Sense>")
        lines.append("</LexicalEntry>")
    for synset in sorted(synsets, key=lambda synset: list(PARTS).index(synset.part)):
        members = " ".join(sense_id[id_of(word)] for word in synset.words)
        about = f'partOfSpeech="{synset.kind}" lexfile="{LEXNAMES[synset.lexfile]}" members={quoteattr(members)}'
        lines.append(f'<Synset id="sample-{synset.id}" ili="" {about}>')
        lines.append(f"  <Definition>{escaped(synset.gloss)}</Definition>")
        for symbol, target, own, _ in synset.pointers:
            if not own:
                lines.append(f'  <SynsetRelation relType="{NAMES[symbol]}" target="sample-{target.id}"/>')
        if synset not in in_sense:
            lines += [f"  <Example>{escaped(example)}</Example>" for example in synset.examples]
        lines.append("</Synset>")
    return "\n".join([*lines, "</Lexicon>", "</LexicalResource>", ""])


def id_of(word):
    return id(word)


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def main():
    parser = argparse.ArgumentParser(description="Write the sample wordnet")
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    synsets = table()
    link(synsets)
    senses = number(synsets)
    files = wndb(synsets, senses)
    files["sample.xml.gz"] = lmf(synsets, senses)
    for name, text in files.items():
        path = HERE / name
        content = text.encode()
        is_packed = path.suffix == ".gz"
        if not check:
            path.write_bytes(gzip.compress(content, mtime=0) if is_packed else content)
        elif (gzip.decompress(path.read_bytes()) if is_packed else path.read_bytes()) != content:
            sys.exit(f"{path.name} is not what this script writes")
    print(f"{len(synsets)} synsets, {sum(len(s.kept()) for s in synsets)} senses, {sum(len(s.pointers) for s in synsets)} pointers")


if __name__ == "__main__":
    main()
