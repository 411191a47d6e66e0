"""Counts what the examples of a WordNet tell, from its files and without kprep's code, and compares rows with that.

    python3 tests/data/knowledge/examples.py FOLDER                    # the numbers
    python3 tests/data/knowledge/examples.py FOLDER supersenses ROWS   # rows of `supersenses --labels gold`, as JSON Lines
    python3 tests/data/knowledge/examples.py FOLDER links ROWS         # rows of `links --wordnet … --pos noun,verb`
    python3 tests/data/knowledge/examples.py FOLDER streusle FILE      # STREUSLE's nouns and verbs, one word each

FOLDER has data.noun, data.verb and index.sense; noun.exc and verb.exc are read where they are there.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

KINDS = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
RULES = {
    "n": "s: ses:s ves:f xes:x zes:z ches:ch shes:sh men:man ies:y",
    "v": "s: ies:y es:e es: ed:e ed: ing:e ing:",
}
WORDS = re.compile(r"\w+(?:[-']\w+)*|[^\w\s]")
NAMES = """adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition
noun.communication noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person
noun.phenomenon noun.plant noun.possession noun.process noun.quantity noun.relation noun.shape noun.state noun.substance
noun.time verb.body verb.change verb.cognition verb.communication verb.competition verb.consumption verb.contact
verb.creation verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative verb.weather
adj.ppl""".split()


class WordNet:
    def __init__(self, folder):
        self.senses = defaultdict(list)
        for line in (folder / "index.sense").read_text(encoding="utf-8").splitlines():
            key, offset, number, count = line.split()
            lemma, rest = key.rsplit("%", 1)
            kind, lexfile = rest.split(":")[:2]
            sense = (int(number), int(lexfile), f"{offset}-{KINDS[kind]}", int(count))
            self.senses[lemma.replace("_", " "), KINDS[kind]].append(sense)
        for senses in self.senses.values():
            senses.sort()
        self.irregular = defaultdict(list)
        for kind, name in (("n", "noun"), ("v", "verb")):
            if (folder / f"{name}.exc").exists():
                for line in (folder / f"{name}.exc").read_text(encoding="utf-8").splitlines():
                    form, *lemmas = (word.replace("_", " ") for word in line.split())
                    known = [lemma for lemma in lemmas if (lemma, kind) in self.senses]
                    if known:
                        self.irregular[form, kind] += known

    def lemmas(self, form, kind):
        form, found = form.lower(), []

        def add(lemma):
            if (lemma, kind) in self.senses and lemma not in found:
                found.append(lemma)

        add(form)
        if (form, kind) in self.irregular:
            for lemma in self.irregular[form, kind]:
                add(lemma)
            return found
        if kind == "n" and (form.endswith("ss") or len(form) <= 2):
            return found
        for rule in RULES[kind].split():
            end, instead = rule.split(":")
            if form.endswith(end):
                add(form[: -len(end)] + instead)
        return found


def examples(folder):
    """Each example of nouns and verbs: synset, kind, lexicographer file, words, text."""
    for kind, name in (("n", "noun"), ("v", "verb")):
        for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
            if line.startswith("  "):
                continue
            head, gloss = line.split("|", 1)
            fields = head.split()
            words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
            words = list(dict.fromkeys(word.lower() for word in words if "_" not in word))
            for text in re.findall(r'"([^"]*)"', gloss):
                yield f"{fields[0]}-{kind}", kind, int(fields[1]), words, " ".join(text.split())


def places(wordnet, kind, own, tokens):
    """Where a word of the synset stands: token and the synset's first word that it is of."""
    for number, form in enumerate(tokens):
        lemmas = wordnet.lemmas(form, kind)
        word = next((word for word in own if word in lemmas), None)
        if word:
            yield number, word


def count(folder, wordnet):
    counts, once = Counter(), defaultdict(list)
    for synset, kind, lexfile, own, text in examples(folder):
        counts["examples of nouns and verbs"] += 1
        found = list(places(wordnet, kind, own, WORDS.findall(text)))
        if len(found) != 1:
            counts["without a place" if not found else "with several places"] += 1
            continue
        token, word = found[0]
        senses = wordnet.senses[word, kind]
        ambiguous = len({sense[1] for sense in senses}) > 1
        first = senses[0][1] == lexfile
        counts["with one place"] += 1
        counts["ambiguous"] += ambiguous
        counts["first sense right"] += first
        counts["first sense right of the ambiguous"] += first and ambiguous
        counts["of one candidate"] += len(senses) == 1
        counts["of more than ten candidates"] += len(senses) > 10
        once[synset, text].append((token, NAMES[lexfile], [sense[2] for sense in senses], [sense[3] + 1 for sense in senses]))
    return counts, once


def compare(once, rows, links):
    seen = 0
    for line in rows.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        expected = once.get((row["doc_id"], " ".join(row["text"].split())))
        if not expected:
            sys.exit(f"row {row['id']}: {row['text']!r} has no single place in {row['doc_id']}")
        token, lexfile, candidates, counts = expected[0]
        spans = (row["span_start"], row["span_end"])
        if spans != ([token], [token]):
            sys.exit(f"row {row['id']}: span {spans}, expected {token}")
        if links:
            priors = [count / sum(counts[:30]) for count in counts[:30]]
            told = (row["entity"], row["candidate"])
            same = all(abs(a - b) < 1e-6 for a, b in zip(row["prior"], priors))
            if told != ([row["doc_id"]], candidates[:30]) or not same:
                sys.exit(f"row {row['id']}: {told}, expected {row['doc_id']} of {candidates}")
        elif row["class"] != [lexfile]:
            sys.exit(f"row {row['id']}: class {row['class']}, expected {lexfile}")
        seen += 1
    print(f"rows: {seen:,}, all as counted")


def streusle(wordnet, file):
    counts = Counter()
    for line in file.read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if len(cells) != 19 or cells[10] != "_" or cells[13][:2] not in ("n.", "v."):
            continue
        kind, name = cells[13].split(".")
        name = {"naturalobject": "object"}.get(name.lower(), name.lower())
        name = {"n": "noun.", "v": "verb."}[kind] + name
        counts["labels of one word"] += 1
        if name not in NAMES:
            counts["labels that are no class"] += 1
        lemmas = wordnet.lemmas(cells[12], kind)
        if not lemmas:
            continue
        counts["in WordNet"] += 1
        allowed = {NAMES[sense[1]] for lemma in lemmas for sense in wordnet.senses[lemma, kind]}
        counts["class among the supersenses"] += name in allowed
        counts["first sense right"] += NAMES[wordnet.senses[lemmas[0], kind][0][1]] == name
    return counts


def main():
    folder, *rest = sys.argv[1:]
    folder = Path(folder)
    wordnet = WordNet(folder)
    if rest[:1] == ["streusle"]:
        counts = streusle(wordnet, Path(rest[1]))
    else:
        counts, once = count(folder, wordnet)
    for name, number in sorted(counts.items()):
        print(f"{name}: {number:,}")
    if rest and rest[0] in ("supersenses", "links"):
        compare(once, Path(rest[1]), rest[0] == "links")


if __name__ == "__main__":
    main()
