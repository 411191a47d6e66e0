"""templates.txt as sentences: words with their heads, and the mentions of entities in them."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .facts import Entity, Record, pick
from .names import name_words
from .tree import Word, finish, upos_of

HERE = Path(__file__).parent
ALIVE = {"Angela Merkel", "Barack Obama", "Bob Dylan", "Valentina Tereshkova"}
# Adjectives that begin with the country's name: a mention that ends within a word.
DEMONYMS = {
    "Albania": "n", "Algeria": "n", "Angola": "n", "Armenia": "n", "Australia": "n", "Austria": "n", "Bolivia": "n",
    "Bulgaria": "n", "Cambodia": "n", "Chile": "an", "Colombia": "n", "Cuba": "n", "Egypt": "ian", "Estonia": "n",
    "Ethiopia": "n", "Georgia": "n", "Haiti": "an", "India": "n", "Indonesia": "n", "Iran": "ian", "Jordan": "ian",
    "Kenya": "n", "Latvia": "n", "Lithuania": "n", "Malaysia": "n", "Mongolia": "n", "Namibia": "n", "Nigeria": "n",
    "Romania": "n", "Russia": "n", "Serbia": "n", "Slovenia": "n", "Tunisia": "n", "Zambia": "n",
}  # fmt: skip
PRONOUNS = {
    "it": ("it", "PRP", "it"), "its": ("its", "PRP$", "its"),
    "he": ("he", "PRP", "he"), "his": ("his", "PRP$", "his"),
    "she": ("she", "PRP", "she"), "her": ("her", "PRP$", "her"),
}  # fmt: skip
POSSESSIVE = {"it": "its", "he": "his", "she": "her"}
NOUNS = ("NN", "NNS", "NNP", "NNPS", "CD")


@dataclass(frozen=True)
class Token:
    """A token of a template: a word, or a slot for a value of the record."""

    form: str
    tag: str | None
    deprel: str | None
    head: str | None

    @property
    def slot(self) -> str | None:
        return self.form[1:-1] if self.form.startswith("<") else None


@dataclass
class Template:
    group: str
    tokens: list[Token]
    has_tree: bool


@dataclass
class Group:
    name: str
    share: float
    templates: list[Template] = field(default_factory=list)


@dataclass
class Mention:
    """Words first to last of the sentence name the entity; `length` code points of them if not all."""

    entity: Entity
    first: int
    last: int
    length: int | None = None
    coreference: bool = False


@dataclass
class Sentence:
    words: list[Word]
    mentions: list[Mention]
    has_tree: bool

    @property
    def text(self) -> str:
        return "".join(word.form + " " * word.space_after for word in self.words).rstrip()

    def span(self, mention: Mention) -> tuple[int, int]:
        """Code points of a mention in `text`."""
        starts, place = [], 0
        for word in self.words:
            starts.append(place)
            place += len(word.form) + word.space_after
        start = starts[mention.first]
        end = starts[mention.last] + len(self.words[mention.last].form)
        return start, end if mention.length is None else start + mention.length


def read_lexicon() -> dict[str, list[tuple[str, str]]]:
    """Form -> (tag, lemma), the usual one first."""
    lexicon: dict[str, list[tuple[str, str]]] = {}
    for line in (HERE / "lexicon.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            form, tag, lemma = line.split()
            lexicon.setdefault(form, []).append((tag, lemma))
    return lexicon


TOKEN = re.compile(r"(?P<form><[^>]+>|\{\w+\}|[^:/<>]+)(:(?P<tag>[A-Z$]+))?(/(?P<deprel>[a-z:]+)(>(?P<head><[^>]+>|\{\w+\}|.+))?)?$")


def read_templates() -> list[Group]:
    groups: list[Group] = []
    for line in (HERE / "templates.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name, share = line.strip("[]").split()
            groups.append(Group(name, float(share)))
        elif line and not line.startswith("#"):
            tokens = []
            for text in line.removeprefix("! ").split():
                match = TOKEN.match(text)
                if match is None:
                    raise ValueError(f"templates.txt: not a token: {text}")
                tokens.append(Token(match["form"], match["tag"], match["deprel"], match["head"]))
            groups[-1].templates.append(Template(groups[-1].name, tokens, not line.startswith("!")))
    return groups


LEXICON = read_lexicon()
GROUPS = read_templates()


def slot_value(slot: str, record: Record, key: str) -> Entity | None:
    """The value for a slot: `neighbour2` is the next value after `neighbour`."""
    column, number = re.fullmatch(r"([a-z]+)(\d?)", slot).groups()
    if column == record.column:
        return record.subject
    values = record.values.get(column, [])
    step = int(number or 1) - 1
    if step >= len(values):
        return None
    return values[(pick(f"{key} {column}", len(values)) + step) % len(values)]


def fill_words(token: Token, record: Record) -> str:
    """A plain word, with {kind}, {verb} and {was} filled in."""
    tense = "is" if record.subject.name in ALIVE else "was"
    return token.form.format(**record.words, was=tense) if "{" in token.form else token.form


def realise(template: Template, record: Record, key: str) -> Sentence | None:
    """The template about the record; `key` chooses among several values. None if the record lacks a value."""
    words: list[Word] = []
    mentions: list[Mention] = []
    heads: dict[str, int] = {}  # form or slot -> index of the word that stands for it
    tops: list[tuple[int, Token, str]] = []  # the word that attaches outwards, its token, its tag
    has_tree = template.has_tree
    for token in template.tokens:
        slot = token.slot
        first = len(words)
        if slot in ("it", "he", "its"):
            pronoun = POSSESSIVE[record.subject.pronoun] if slot == "its" else record.subject.pronoun
            form, tag, lemma = PRONOUNS[pronoun]
            words.append(Word(form, lemma, tag))
            mentions.append(Mention(record.subject, first, first, coreference=True))
            top = first
        elif slot == "demonym":
            suffix = DEMONYMS.get(record.subject.name)
            if suffix is None:
                return None
            words.append(Word(record.subject.name + suffix, record.subject.name + suffix, "JJ"))
            mentions.append(Mention(record.subject, first, first, length=len(record.subject.name)))
            top, tag = first, "JJ"
        elif slot:
            entity = slot_value(slot, record, key)
            if entity is None:
                return None
            article = [Word("the", "the", "DT")] if entity.article else []
            parsed = name_words(entity)
            has_tree = has_tree and parsed is not None
            name, top_in_name = parsed or ([Word(part, part, "NNP") for part in entity.name.split()], 0)
            words += article + name
            begin = first + len(article)
            for word in name:
                word.head = None if word.head is None else word.head + begin
            top = begin + top_in_name
            for word in article:
                word.head, word.deprel = top, "det"
            mentions.append(Mention(entity, begin, len(words) - 1))
            tag = "NNP"
        else:
            form = fill_words(token, record)
            entries = LEXICON.get(form) or LEXICON.get(form.lower())
            if not entries:
                if template.has_tree:
                    raise ValueError(f"{template.group}: {form} is not in lexicon.txt")
                entries = [("NN", form.lower())]
            tag = token.tag or entries[0][0]
            lemma = next((lemma for entry, lemma in entries if entry == tag), form.lower())
            words.append(Word(form, lemma, tag))
            top = first
            heads.setdefault(form.lower(), top)
        if slot:
            heads.setdefault(token.form, top)
        tops.append((top, token, tag))
    if has_tree:
        attach(words, tops, heads, record)
    return Sentence(finish(words, has_tree), mentions, has_tree)


def attach(words: list[Word], tops: list[tuple[int, Token, str]], heads: dict[str, int], record: Record) -> None:
    """Give every top word its head and relation: the template's, else what its tag implies."""
    root = next(top for top, token, _ in tops if token.deprel == "root")
    for place, (top, token, tag) in enumerate(tops):
        word = words[top]
        following = next((t for t, _, kind in tops[place + 1 :] if kind in NOUNS), None)
        if token.deprel == "root":
            word.head, word.deprel = None, "root"
        elif token.deprel:
            name = token.head.format(**record.words) if "{" in token.head else token.head
            word.head, word.deprel = heads[name.lower()], token.deprel
        elif tag in (".", ","):
            word.head, word.deprel = root, "punct"
        elif tag == "POS":
            word.head, word.deprel = tops[place - 1][0], "case"
        elif following is not None and tag in ("DT", "IN", "JJ", "PRP$"):
            word.head, word.deprel = following, {"DT": "det", "IN": "case", "JJ": "amod", "PRP$": "nmod:poss"}[tag]
        else:
            raise ValueError(f"no head for {word.form}")
    for word in words:
        word.upos = upos_of(word)
