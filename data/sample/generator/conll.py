"""Trees as CoNLL-U, and as the seven columns that CoreNLP 3.5 writes."""

from .tree import Word

# Universal Dependencies v2 relations in the v1 names of CoreNLP 3.5; the rest is the same there.
CORENLP_NAMES = {
    "root": "ROOT", "obj": "dobj", "nsubj:pass": "nsubjpass", "aux:pass": "auxpass", "obl": "nmod", "obl:agent": "nmod",
    "obl:unmarked": "nmod:tmod", "nmod:unmarked": "nmod:tmod", "flat": "compound",
}  # fmt: skip


def sentence_text(words: list[Word]) -> str:
    return "".join(word.form + " " * word.space_after for word in words).rstrip()


def conllu(words: list[Word], sent_id: str) -> str:
    """One sentence; `did` and `n't` stand under a multiword line, as in the English treebanks."""
    lines = [f"# sent_id = {sent_id}", f"# text = {sentence_text(words)}"]
    for i, word in enumerate(words):
        joined = i + 1 < len(words) and words[i + 1].form == "n't"
        if joined:
            lines.append("\t".join([f"{i + 1}-{i + 2}", word.form + "n't", *"_" * 7, "_" if words[i + 1].space_after else "SpaceAfter=No"]))
        misc = "_" if word.space_after or joined else "SpaceAfter=No"
        head = "0" if word.head is None else str(word.head + 1)
        lines.append("\t".join([str(i + 1), word.form, word.lemma, word.upos, word.xpos, "_", head, word.deprel, "_", misc]))
    return "\n".join(lines) + "\n\n"


def corenlp(words: list[Word]) -> str:
    """One sentence: index, word, lemma, tag, entity, head, relation; punctuation has no head."""
    lines = []
    for i, word in enumerate(words):
        if word.deprel == "punct":
            head, deprel = "_", "_"
        else:
            head = "0" if word.head is None else str(word.head + 1)
            deprel = CORENLP_NAMES.get(word.deprel, word.deprel)
            deprel = "neg" if word.lemma == "not" else deprel
        lines.append("\t".join([str(i + 1), word.form, word.lemma, word.xpos, "O", head, deprel]))
    return "\n".join(lines) + "\n\n"
