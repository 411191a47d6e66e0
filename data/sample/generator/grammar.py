"""Everyday sentences from a small grammar, with their dependency trees.

A phrase is a list of nodes in reading order, one of which is its head; building a sentence is hanging phrases on
a head to the left or to the right, so every tree is right by construction. What is said is nobody's fact.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from .facts import pick
from .tree import Word, finish, upos_of
from .vocabulary import (
    ALONE, ANIMALS, BEFORE_VERB, FOOD, HANDLE, MEET, PARTICLES, PEOPLE, PLACES, PLURALS, THINGS, TIMES, VERBS,
)  # fmt: skip


@dataclass
class Node:
    """A word with its dependents, left and right in reading order."""

    form: str
    tag: str
    lemma: str
    left: list[tuple[str, "Node"]] = field(default_factory=list)
    right: list[tuple[str, "Node"]] = field(default_factory=list)

    def before(self, deprel: str, node: "Node") -> "Node":
        """Hang `node` on the left; calls come in reading order."""
        self.left.append((deprel, node))
        return self

    def after(self, deprel: str, node: "Node") -> "Node":
        self.right.append((deprel, node))
        return self


def word(form: str, tag: str, lemma: str | None = None) -> Node:
    return Node(form, tag, lemma or form)


def past(lemma: str) -> Node:
    return word(VERBS[lemma].past, "VBD", lemma)


def flatten(root: Node) -> list[Word]:
    """The words of a tree in reading order."""
    order: list[tuple[Node, Node | None, str]] = []

    def walk(node: Node, head: Node | None, deprel: str) -> None:
        for relation, child in node.left:
            walk(child, node, relation)
        order.append((node, head, deprel))
        for relation, child in node.right:
            walk(child, node, relation)

    walk(root, None, "root")
    places = {id(node): place for place, (node, _, _) in enumerate(order)}
    words = [Word(n.form, n.lemma, n.tag, None if head is None else places[id(head)], deprel) for n, head, deprel in order]
    for item in words:
        item.upos = upos_of(item)
    return finish(words, has_tree=True)


class Speaker:
    """Makes one sentence; every choice depends on the sentence's number only."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.choices = 0

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def below(self, size: int) -> int:
        self.choices += 1
        return pick(f"grammar {self.number} {self.choices}", size)

    def one(self, items: list[str]) -> str:
        return items[self.below(len(items))]

    # Noun phrases

    def noun(self, table: dict[str, str], plural: bool = False) -> Node:
        """Determiner, perhaps an adjective, noun."""
        lemma = self.one(list(table))
        adjectives = table[lemma].split()
        form = PLURALS.get(lemma, lemma + "s") if plural else lemma
        head = word(form, "NNS" if plural else "NN", lemma)
        if lemma == "bread" or lemma == "soup":
            determiner = self.one(["the", "some"])
        elif plural:
            determiner = self.one(["the", "the", "some", "many", "two", "three", "these", "our"])
        else:
            determiner = self.one(["the", "the", "the", "a", "a", "a", "this", "my", "her", "every"])
        if determiner in ("two", "three"):
            head.before("nummod", word(determiner, "CD"))
        elif determiner == "many":
            head.before("amod", word("many", "JJ"))
        elif determiner in ("my", "her", "his", "our"):
            head.before("nmod:poss", word(determiner, "PRP$"))
        else:
            head.before("det", word(determiner, "DT", "this" if determiner == "these" else determiner))
        if self.chance(40) and determiner != "many":
            head.before("amod", word(self.one(adjectives), "JJ"))
        return head

    def person(self, plural: bool = False, rich: bool = True) -> Node:
        """Somebody, perhaps with a phrase or a relative clause that belongs to the noun."""
        head = self.noun(PEOPLE, plural)
        if rich:
            roll = self.below(100)
            if roll < 12:
                head.after("nmod", with_case(self.noun({"village": "small old quiet", "school": "new old large"}), "from"))
            elif roll < 20:
                head.after(
                    "nmod",
                    with_case(self.noun({"hat": "red old large", "bag": "heavy small black", "umbrella": "black old large"}), "with"),
                )
            elif roll < 30:
                head.after("acl:relcl", self.relative(plural))
        return head

    def relative(self, plural: bool) -> Node:
        """`who lives in the village`."""
        verb = self.one(["live", "work", "wait"])
        clause = word(VERBS[verb].base if plural else VERBS[verb].third, "VBP" if plural else "VBZ", verb)
        clause.before("nsubj", word("who", "WP"))
        return clause.after("obl", self.place())

    def place(self) -> Node:
        """`in the garden`, with the preposition that the place takes."""
        lemma = self.one(list(PLACES))
        preposition, *adjectives = PLACES[lemma].split()
        head = word(lemma, "NN").before("case", word(preposition, "IN"))
        head.before("det", word(self.one(["the", "the", "the", "a", "a", "this"]), "DT"))
        return head.before("amod", word(self.one(adjectives), "JJ")) if self.chance(30) else head

    def thing(self) -> Node:
        head = self.noun(THINGS, self.chance(25))
        if self.chance(12):
            owner = self.noun(PEOPLE)
            head.left = [("nmod:poss", owner.after("case", word("'s", "POS")))]
        elif head.lemma in ("picture", "map") and self.chance(40):
            head.after("nmod", with_case(self.noun({"village": "small old", "harbour": "old busy", "bridge": "old long"}), "of"))
        return head

    # Verb phrases: each returns the head verb (or predicate) without its subject

    def finite(self, verb: str, plural: bool) -> tuple[Node, list[tuple[str, Node]]]:
        """A form of the verb, and the auxiliaries and the negation that stand before it."""
        forms = VERBS[verb]
        tense = self.below(9)
        if tense < 3:
            return past(verb), []
        if tense < 5:
            return word(forms.base if plural else forms.third, "VBP" if plural else "VBZ", verb), []
        if tense == 5:
            return word(verb, "VB"), [("aux", word(self.one(["will", "can", "must", "should", "may"]), "MD"))]
        if tense == 6:
            have = word("have", "VBP") if plural else word("has", "VBZ", "have")
            return word(forms.participle, "VBN", verb), [("aux", have)]
        if tense == 7:
            be = word("were", "VBD", "be") if plural else word("was", "VBD", "be")
            return word(forms.ing, "VBG", verb), [("aux", be)]
        do = word("did", "VBD", "do")
        return word(verb, "VB"), [("aux", do), ("advmod", word("n't", "RB", "not") if self.chance(50) else word("not", "RB"))]

    def clause(self, depth: int = 0) -> Node:
        """Subject and predicate."""
        plural = self.chance(25)
        kinds: list[Callable[[bool, int], Node]] = [
            self.transitive, self.transitive, self.transitive, self.intransitive, self.intransitive, self.intransitive, self.ditransitive,
            self.copula, self.copula, self.passive, self.particle, self.existential, self.animal,
        ]  # fmt: skip
        if depth == 0:
            kinds += [self.reported, self.reported, self.wanting, self.wanting, self.coordinated, self.trying]
        return kinds[self.below(len(kinds))](plural, depth)

    def subject(self, verb: Node, auxiliaries: list[tuple[str, Node]], plural: bool, deprel: str = "nsubj") -> Node:
        """Hang subject, auxiliaries and perhaps an adverb before the verb."""
        if self.chance(20):
            pronoun = self.one(["they", "we"]) if plural else self.one(["he", "she"])
            verb.before(deprel, word(pronoun, "PRP"))
        else:
            verb.before(deprel, self.person(plural))
        for relation, node in auxiliaries:
            verb.before(relation, node)
        return verb

    def adverb(self, verb: Node, percent: int = 20) -> Node:
        if self.chance(percent):
            adverb = self.one(TIMES)
            if adverb in BEFORE_VERB:
                verb.before("advmod", word(adverb, "RB"))
            else:
                verb.after(
                    "obl:unmarked" if adverb in ("yesterday", "today") else "advmod",
                    word(adverb, "NN" if adverb in ("yesterday", "today") else "RB"),
                )
        return verb

    def transitive(self, plural: bool, depth: int) -> Node:
        roll = self.below(3)
        verb, auxiliaries = self.finite(self.one([HANDLE, MEET, ["eat", "cook", "buy"]][roll]), plural)
        self.subject(verb, auxiliaries, plural)
        obj = [self.thing, lambda: self.person(rich=False), lambda: self.noun(FOOD)][roll]()
        verb.after("obj", obj)
        if self.chance(35):
            verb.after("obl", self.place())
        return self.adverb(verb)

    def intransitive(self, plural: bool, depth: int) -> Node:
        verb, auxiliaries = self.finite(self.one(ALONE), plural)
        self.subject(verb, auxiliaries, plural)
        if self.chance(70):
            verb.after("obl", self.place())
        return self.adverb(verb, 35)

    def animal(self, plural: bool, depth: int) -> Node:
        verb, auxiliaries = self.finite(self.one(["sleep", "run", "wait", "sit"]), plural)
        verb.before("nsubj", self.noun(ANIMALS, plural))
        for relation, node in auxiliaries:
            verb.before(relation, node)
        return self.adverb(verb.after("obl", self.place()))

    def ditransitive(self, plural: bool, depth: int) -> Node:
        verb, auxiliaries = self.finite(self.one(["give", "show", "send"]), plural)
        self.subject(verb, auxiliaries, plural)
        receiver, gift = self.person(rich=False), self.noun(THINGS)
        if self.chance(50):
            return verb.after("iobj", receiver).after("obj", gift)
        return verb.after("obj", gift).after("obl", with_case(receiver, "to"))

    def copula(self, plural: bool, depth: int) -> Node:
        then = self.chance(50)
        form, tag = (("were", "VBD") if then else ("are", "VBP")) if plural else (("was", "VBD") if then else ("is", "VBZ"))
        be = word(form, tag, "be")
        roll = self.below(3)
        if roll == 0:
            predicate = word(self.one("happy tired angry late hungry ready ill sad proud quiet".split()), "JJ")
            if self.chance(40):
                predicate.left.insert(0, ("advmod", word(self.one(["very", "quite", "too", "really"]), "RB")))
        elif roll == 1 and not plural:
            predicate = self.noun(PEOPLE)
            predicate.left = [("det", word("a", "DT"))] + [item for item in predicate.left if item[0] == "amod"]
        else:
            predicate = self.place()
        subject = self.person(plural)
        negation = [("advmod", word("not", "RB"))] if self.chance(15) else []
        predicate.left = [("nsubj", subject), ("cop", be), *negation, *predicate.left]
        return predicate

    def passive(self, plural: bool, depth: int) -> Node:
        verb = self.one(HANDLE)
        head = word(VERBS[verb].participle, "VBN", verb)
        head.before("nsubj:pass", self.noun(THINGS, plural))
        head.before("aux:pass", word("were", "VBD", "be") if plural else word("was", "VBD", "be"))
        if self.chance(60):
            head.after("obl:agent", with_case(self.person(), "by"))
        if self.chance(40):
            head.after("obl", self.place())
        return head

    def particle(self, plural: bool, depth: int) -> Node:
        lemma = self.one(list(PARTICLES))
        verb, auxiliaries = self.finite(lemma, plural)
        self.subject(verb, auxiliaries, plural)
        obj = self.noun({"lamp": "small old", "radio": "old new"} if lemma == "switch" else THINGS)
        particle = word(PARTICLES[lemma], "RP")
        if self.chance(50):
            return verb.after("compound:prt", particle).after("obj", obj)
        return verb.after("obj", obj).after("compound:prt", particle)

    def existential(self, plural: bool, depth: int) -> Node:
        head = word("were", "VBD", "be") if plural else word("is", "VBZ", "be")
        head.before("expl", word("there", "EX"))
        noun = self.noun(THINGS | ANIMALS, plural)
        noun.left = [("nummod", word("two", "CD"))] if plural else [("det", word("a", "DT"))]
        return head.after("nsubj", noun).after("obl", self.place())

    def reported(self, plural: bool, depth: int) -> Node:
        verb, auxiliaries = self.finite(self.one(["say", "think", "know", "hope"]), plural)
        self.subject(verb, auxiliaries, plural)
        inner = self.clause(depth + 1)
        if self.chance(60):
            inner.left.insert(0, ("mark", word("that", "IN")))
        return verb.after("ccomp", inner)

    def wanting(self, plural: bool, depth: int) -> Node:
        verb, auxiliaries = self.finite(self.one(["want", "hope", "forget", "start"]), plural)
        self.subject(verb, auxiliaries, plural)
        inner = word(self.one(HANDLE), "VB").before("mark", word("to", "TO"))
        return verb.after("xcomp", inner.after("obj", self.thing()))

    def trying(self, plural: bool, depth: int) -> Node:
        verb, auxiliaries = self.finite(self.one(["try", "want"]), plural)
        self.subject(verb, auxiliaries, plural)
        inner = word(self.one(MEET), "VB").before("mark", word("to", "TO"))
        return verb.after("xcomp", inner.after("obj", self.person(rich=False)))

    def coordinated(self, plural: bool, depth: int) -> Node:
        """Two verbs, or two subjects, or two objects."""
        roll = self.below(3)
        if roll == 0:
            verb, other = past(self.one(["arrive", "smile", "sit", "laugh"])), past(self.one(HANDLE))
            self.subject(verb, [], plural)
            return verb.after("conj", other.before("cc", word("and", "CC")).after("obj", self.thing()))
        if roll == 1:
            verb = past(self.one(ALONE))
            pair = self.person(rich=False)
            other = self.person(rich=False)
            other.left.insert(0, ("cc", word("and", "CC")))
            verb.before("nsubj", pair.after("conj", other))
            return verb.after("obl", self.place())
        verb = past(self.one(HANDLE))
        self.subject(verb, [], plural)
        pair, other = self.noun(THINGS), self.noun(THINGS)
        other.left.insert(0, ("cc", word(self.one(["and", "or"]), "CC")))
        return verb.after("obj", pair.after("conj", other))

    # Sentences

    def sentence(self) -> list[Word]:
        roll = self.below(100)
        if roll < 12:
            root, mark = self.question()
        elif roll < 19:
            root, mark = self.order()
        elif roll < 32:
            root, mark = self.with_subordinate()
        elif roll < 40:
            root, mark = self.two_clauses()
        elif roll < 50:
            root, mark = self.fronted()
        else:
            root, mark = self.clause(), "."
        return flatten(root.after("punct", word(mark, ".")))

    def question(self) -> tuple[Node, str]:
        plural = self.chance(30)
        verb = word(self.one(HANDLE), "VB")
        if self.chance(35):
            where = self.one(["where", "when", "why"])
            verb.before("advmod", word(where, "WRB"))
        verb.before("aux", word(self.one(["did", "did", "will", "can"]), "VBD", "do"))
        auxiliary = verb.left[-1][1]
        if auxiliary.form != "did":
            auxiliary.tag, auxiliary.lemma = "MD", auxiliary.form
        verb.before("nsubj", self.person(plural, rich=False))
        return verb.after("obj", self.thing()), "?"

    def order(self) -> tuple[Node, str]:
        verb = word(self.one(HANDLE), "VB")
        if self.chance(30):
            verb.before("discourse", word("please", "UH"))
        verb.after("obj", self.thing())
        return verb.after("obl", self.place()) if self.chance(40) else verb, "."

    def with_subordinate(self) -> tuple[Node, str]:
        main, other = self.clause(1), self.clause(1)
        conjunction = self.one(["because", "when", "if", "although", "while", "before", "after"])
        other.left.insert(0, ("mark", word(conjunction, "IN")))
        if self.chance(50):
            main.left.insert(0, ("advcl", other.after("punct", word(",", ","))))
        else:
            main.after("advcl", other)
        return main, "."

    def two_clauses(self) -> tuple[Node, str]:
        main, other = self.clause(1), self.clause(1)
        other.left = [("punct", word(",", ",")), ("cc", word(self.one(["and", "but", "so"]), "CC")), *other.left]
        return main.after("conj", other), "."

    def fronted(self) -> tuple[Node, str]:
        """A place or a time in front."""
        main = self.clause(1)
        if self.chance(50):
            place = self.place()
            main.left.insert(0, ("obl", place.after("punct", word(",", ","))))
        else:
            main.left.insert(0, ("advmod", word(self.one(["suddenly", "later", "finally", "then"]), "RB")))
            main.left.insert(1, ("punct", word(",", ",")))
        return main, "."


def with_case(noun: Node, preposition: str) -> Node:
    """Put a preposition in front of a noun phrase."""
    noun.left.insert(0, ("case", word(preposition, "IN")))
    return noun


def sentences(count: int) -> list[list[Word]]:
    """The first `count` different sentences of at most 24 words."""
    made: dict[str, list[Word]] = {}
    number = 0
    while len(made) < count:
        words = Speaker(number).sentence()
        number += 1
        if len(words) <= 24:
            made.setdefault(" ".join(item.form for item in words), words)
    return list(made.values())
