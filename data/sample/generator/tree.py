"""Words with heads, and the last touches that a list of them needs to be a sentence."""

from dataclasses import dataclass

UPOS = {
    "NN": "NOUN", "NNS": "NOUN", "NNP": "PROPN", "NNPS": "PROPN", "CD": "NUM",
    "VB": "VERB", "VBD": "VERB", "VBG": "VERB", "VBN": "VERB", "VBP": "VERB", "VBZ": "VERB", "MD": "AUX",
    "JJ": "ADJ", "JJR": "ADJ", "JJS": "ADJ", "RB": "ADV", "RBR": "ADV", "RBS": "ADV", "WRB": "ADV", "RP": "ADP",
    "IN": "ADP", "TO": "PART", "POS": "PART", "CC": "CCONJ", "DT": "DET", "EX": "PRON", "UH": "INTJ",
    "PRP": "PRON", "PRP$": "PRON", "WP": "PRON", "WDT": "PRON",
    ".": "PUNCT", ",": "PUNCT", "-LRB-": "PUNCT", "-RRB-": "PUNCT", "``": "PUNCT", "''": "PUNCT", ":": "PUNCT",
}  # fmt: skip


@dataclass
class Word:
    """A token of a sentence. `head` is the index (from 0) of its head, None for the root."""

    form: str
    lemma: str
    xpos: str
    head: int | None = None
    deprel: str = ""
    upos: str = ""
    space_after: bool = True


def upos_of(word: Word) -> str:
    """Universal tag from the Penn tag and the relation."""
    if word.deprel in ("aux", "aux:pass", "cop"):
        return "AUX"
    if word.xpos == "IN" and word.deprel == "mark":
        return "SCONJ"
    if word.deprel == "amod" and word.xpos == "NNP":  # as in New York
        return "ADJ"
    if word.xpos == "RB" and word.lemma == "not":
        return "PART"
    return UPOS[word.xpos]


def finish(words: list[Word], has_tree: bool) -> list[Word]:
    """Capital at the start, `an` before a vowel, no blank before punctuation; checks the tree."""
    first = words[0]
    first.form = first.form[:1].upper() + first.form[1:]
    for word, following in zip(words, words[1:]):
        if word.form in ("a", "A") and following.form[:1].lower() in "aeiou":
            word.form += "n"
        word.space_after = word.form != "(" and following.form not in (".", ",", ")", "'s", "?", "n't", "'ll")
    words[-1].space_after = True
    if has_tree:
        check_tree(words)
    return words


def check_tree(words: list[Word]) -> None:
    """One root, no cycle, every word labelled."""
    text = " ".join(word.form for word in words)
    if sum(word.head is None for word in words) != 1:
        raise ValueError(f"not one root: {text}")
    for start, word in enumerate(words):
        if not word.deprel or not word.upos:
            raise ValueError(f"{word.form} has no relation: {text}")
        at, steps = start, 0
        while words[at].head is not None:
            at, steps = words[at].head, steps + 1
            if steps > len(words):
                raise ValueError(f"cycle: {text}")
