"""The inner structure of names: which word is the head, and how the others hang on it.

Only names whose analysis is certain get one; sentences with other names are used as text, without a tree.
"""

from .facts import Entity
from .tree import Word

# Last words of names of the form "modifiers head" (Black Sea, New York City, Van Gogh Museum).
HEADS = set(
    "Sea Ocean River City Islands Republic States Kingdom Emirates Korea Africa Sudan Guinea Zealand Macedonia Timor "
    "America Nile Delhi Channel Lagoon Arabia Museum Gallery Collection Chapel Palace Company Motors Group Airlines "
    "Bank Electronics Creole Mountain".split()
)
ADJECTIVES = set(
    "New United Black White Blue Yellow Central Democratic Dominican Czech African Mediterranean Tyrrhenian Arabian "
    "Caspian National Russian Turkish Haitian Apostolic voltaic".split()
)
# Kinds whose names are common nouns.
COMMON = {"element", "occupation", "currency", "invention"}


def name_words(entity: Entity) -> tuple[list[Word], int] | None:
    """The words of the name and the index of its head word, or None if the structure is not certain."""
    parts = entity.name.split()
    if entity.kind == "date":
        return date(parts)
    if entity.kind == "number":
        return [Word(parts[0], parts[0], "CD")], 0
    if entity.kind == "person":
        return flat(parts)
    if not all(part.isalpha() for part in parts):
        return None
    if len(parts) == 1:
        tag = "NN" if entity.kind in COMMON and parts[0].islower() else "NNP"
        return [Word(parts[0], parts[0], tag)], 0
    if entity.kind in COMMON:
        return common(parts, entity.kind) if len(parts) == 2 and parts[1].islower() else None
    if parts[0] in ("Gulf", "Bay", "Sea", "Battle") and parts[1] == "of" and len(parts) == 3:
        return [Word(parts[0], parts[0], "NNP"), Word("of", "of", "IN", 2, "case"), Word(parts[2], parts[2], "NNP", 0, "nmod")], 0
    if parts[0] == "The" and len(parts) == 2:
        return [Word("The", "the", "DT", 1, "det"), Word(parts[1], parts[1], "NNP")], 1
    if parts[0] == "Mount" or parts[-1] in HEADS:
        return modifiers(parts, "NNP"), len(parts) - 1
    return None


def flat(parts: list[str]) -> tuple[list[Word], int]:
    """Personal names: the first word is the head."""
    return [Word(part, part, "NNP", 0 if i else None, "flat" if i else "") for i, part in enumerate(parts)], 0


def date(parts: list[str]) -> tuple[list[Word], int]:
    """`16 December 1775`: the day is the head, month and year hang on it. `1815` is one word."""
    tags = ("CD", "NNP", "CD")
    words = [Word(part, part, tag, 0 if i else None, "nmod:unmarked" if i else "") for i, (part, tag) in enumerate(zip(parts, tags))]
    return words, 0


def common(parts: list[str], kind: str) -> tuple[list[Word], int]:
    """`film director`, `Algerian dinar`, `Geiger counter`: the second word is the head."""
    by_country = kind == "currency" and parts[0] not in ("Belize", "Brunei", "Singapore")
    words = modifiers(parts, "NN")
    if by_country:
        words[0].xpos, words[0].deprel = "JJ", "amod"
    elif parts[0][0].isupper():
        words[0].xpos = "NNP"
    return words, 1


def modifiers(parts: list[str], tag: str) -> list[Word]:
    """Names whose last word is the head: adjectives are `amod`, the rest `compound`."""
    words = []
    for i, part in enumerate(parts):
        deprel = "amod" if part in ADJECTIVES else "compound"
        is_head = i == len(parts) - 1
        own_tag = "JJ" if part in ADJECTIVES and part.islower() else tag
        words.append(Word(part, part, own_tag, None if is_head else len(parts) - 1, "" if is_head else deprel))
    return words
