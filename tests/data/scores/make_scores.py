"""Makes scores.json: random labels and predictions with the scores that other implementations give them.

    pip install scikit-learn && python make_scores.py > scores.json

Micro and macro averages are scikit-learn's; the normalisation of answers is written from the definition of
SQuAD v1.1's evaluation.
"""

import collections
import json
import random
import re
import string

from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support
from sklearn.preprocessing import MultiLabelBinarizer

random.seed(7)

RELATIONS = ["Cause-Effect", "Message-Topic", "Entity-Origin"]
DIRECTED = [f"{r}{d}" for r in RELATIONS for d in ("(e1,e2)", "(e2,e1)")] + ["Other"]


def tacred():
    gold = [random.choice([0, 0, 0, 1, 2, 3]) for _ in range(300)]
    guess = [g if random.random() < 0.6 else random.randrange(4) for g in gold]
    p, r, f, _ = precision_recall_fscore_support(gold, guess, labels=[1, 2, 3], average="micro", zero_division=0)
    return {"pairs": list(zip(gold, guess)), "precision": p, "recall": r, "f1": f}


def semeval():
    """Each relation as a yes-or-no question: a wrong direction is both a false alarm and a miss of it."""
    gold = [random.choice(DIRECTED) for _ in range(300)]
    guess = [g if random.random() < 0.5 else random.choice(DIRECTED) for g in gold]
    f = []
    for relation in RELATIONS:
        # Every pair becomes one or, where only the direction is wrong, two rows of a binary problem.
        truth, found = [], []
        for g, p in zip(gold, guess):
            is_gold, is_guess = g.startswith(relation), p.startswith(relation)
            if is_gold and is_guess and g != p:
                truth += [1, 0]
                found += [0, 1]
            else:
                truth.append(int(is_gold))
                found.append(int(is_guess))
        f.append(f1_score(truth, found))
    return {"pairs": list(zip(gold, guess)), "f1": sum(f) / len(f)}


def typing():
    classes = 9
    draw = lambda least: sorted(random.sample(range(classes), random.randint(least, 3)))
    gold = [draw(1) for _ in range(200)]
    guess = [g if random.random() < 0.4 else draw(0) for g in gold]
    binary = MultiLabelBinarizer(classes=range(classes))
    a, b = binary.fit_transform(gold), binary.transform(guess)
    p, r, f, _ = precision_recall_fscore_support(a, b, average="micro", zero_division=0)
    mp, mr, _, _ = precision_recall_fscore_support(a, b, average="samples", zero_division=0)
    return {"gold": gold, "predicted": guess, "precision": p, "recall": r, "micro": f,
            "loose_macro": 2 * mp * mr / (mp + mr), "strict": accuracy_score(a, b)}


def normalise(text):
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def token_f1(answer, gold):
    answer, gold = normalise(answer).split(), normalise(gold).split()
    same = sum((collections.Counter(answer) & collections.Counter(gold)).values())
    if same == 0:
        return 0.0
    p, r = same / len(answer), same / len(gold)
    return 2 * p * r / (p + r)


def answers():
    words = ["The", "a", "An", "Río", "Grande,", "river", "U.S.A.", "1,024", "the-end", "x–a", "Zoë's", "river"]
    rows = []
    for _ in range(200):
        draw = lambda: " ".join(random.choice(words) for _ in range(random.randint(0, 4)))
        answer, golds = draw(), [draw() for _ in range(random.randint(1, 3))]
        rows.append({"answer": answer, "golds": golds,
                     "exact": any(normalise(answer) == normalise(g) for g in golds),
                     "f1": max(token_f1(answer, g) for g in golds)})
    return rows


def ranks():
    relations = {f"P{i}": [random.randint(1, 30) for _ in range(random.randint(1, 20))] for i in range(5)}
    mean = lambda xs: sum(xs) / len(xs)
    each = relations.values()
    return {"ranks": relations, "p1": mean([mean([r == 1 for r in rs]) for rs in each]),
            "p10": mean([mean([r <= 10 for r in rs]) for rs in each]),
            "mrr": mean([mean([1 / r for r in rs]) for rs in each])}


print(json.dumps({"tacred": tacred(), "semeval": semeval(), "typing": typing(), "answers": answers(), "ranks": ranks()}))
