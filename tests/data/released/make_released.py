"""Makes updates.json and rows.json: what K-Adapter's released pre-training loop does, in plain Python.

    python3 make_released.py

Follows github.com/microsoft/K-Adapter (commit 43651cd) and pytorch_transformers 1.2.0, whose AdamW and
WarmupLinearSchedule it uses; the other loop is PyTorch's. Nothing here comes from ktrain. All numbers are 64-bit.
"""

import json
import math
import random
from pathlib import Path

HERE = Path(__file__).parent
PEAK, WARMUP, STEPS = 0.01, 3, 8
BETA1, BETA2, EPSILON, CLIP = 0.9, 0.999, 1e-8, 1.0


def lr_lambda(step):
    """WarmupLinearSchedule.lr_lambda of optimization.py."""
    if step < WARMUP:
        return step / max(1, WARMUP)
    return max(0.0, (STEPS - step) / max(1.0, STEPS - WARMUP))


def clipped(grad):
    """torch.nn.utils.clip_grad_norm_."""
    scale = CLIP / (math.sqrt(sum(g * g for g in grad)) + 1e-6)
    return [g * scale for g in grad] if scale < 1 else grad


def train(start, grads, scheduler_first, epsilon_first):
    """Rates and parameters of each step. `epsilon_first`: AdamW.step of optimization.py, with correct_bias; else
    torch.optim.AdamW (both without weight decay, as in the released scripts)."""
    p, m, v = list(start), [0.0] * len(start), [0.0] * len(start)
    last_epoch = 0  # LambdaLR steps once when it is made
    rates, parameters = [], []
    for t, grad in enumerate(grads, start=1):
        grad = clipped(grad)
        if scheduler_first:
            last_epoch += 1
        rate = PEAK * lr_lambda(last_epoch)
        for i, g in enumerate(grad):
            m[i] = BETA1 * m[i] + (1 - BETA1) * g
            v[i] = BETA2 * v[i] + (1 - BETA2) * g * g
            correction1, correction2 = 1 - BETA1**t, 1 - BETA2**t
            if epsilon_first:
                denom = math.sqrt(v[i]) + EPSILON
                p[i] -= rate * math.sqrt(correction2) / correction1 * m[i] / denom
            else:
                denom = math.sqrt(v[i]) / math.sqrt(correction2) + EPSILON
                p[i] -= rate / correction1 * m[i] / denom
        if not scheduler_first:
            last_epoch += 1
        rates.append(rate)
        parameters.append(list(p))
    return {"rates": rates, "parameters": parameters}


def updates():
    random.seed(16)
    start = [random.uniform(-1, 1) for _ in range(6)]
    # From gradients beside which epsilon is nothing to those that are nothing beside it; some steps are clipped.
    sizes = [2.0, 0.3, 1e-3, 1e-6, 1e-8, 1e-10]
    grads = [[random.uniform(-1, 1) * size for size in sizes] for _ in range(STEPS)]
    loops = {}
    for scheduler in ["after_optimizer", "before_optimizer"]:
        for epsilon in ["after_bias_correction", "before_bias_correction"]:
            first = (scheduler.startswith("before"), epsilon.startswith("before"))
            loops[f"{scheduler},{epsilon}"] = train(start, grads, *first)
    return {"peak": PEAK, "warmup": WARMUP, "steps": STEPS, "start": start, "gradients": grads, "loops": loops}


def row(words, subject, obj, max_seq_length):
    """convert_examples_to_features_trex of utils_glue.py, of words that are a token each."""
    (first, one), (second, two) = sorted([(subject, "@"), (obj, "#")])
    text = ["w"] * words
    tokens = text[: first[0]]
    start = {one: len(tokens)}
    tokens = tokens + [one] + text[first[0] : first[1] + 1] + [one] + text[first[1] + 1 : second[0]]
    start[two] = len(tokens)
    tokens = tokens + [two] + text[second[0] : second[1] + 1] + [two] + text[second[1] + 1 :]
    while len(tokens) > max_seq_length - 2:
        tokens.pop()
    tokens = ["<s>"] + tokens + ["</s>"]
    places = [start["@"] + 1, start["#"] + 1]
    if max(places) >= max_seq_length:
        return None
    return {"places": places, "length": len(tokens), "reads": [tokens[place] for place in places]}


def rows():
    random.seed(17)
    all_rows = []
    for _ in range(120):
        words = random.randint(2, 30)
        cuts = sorted(random.sample(range(words + 1), 3)) 
        spans = [(cuts[0], cuts[1] - 1), (cuts[1], cuts[2] - 1)]
        if random.random() < 0.5:
            spans.reverse()
        all_rows.append({"words": words, "subject": spans[0], "object": spans[1], "kept": row(words, *spans, 16)})
    return {"max_length": 16, "rows": all_rows}


for name, made in [("updates", updates()), ("rows", rows())]:
    (HERE / f"{name}.json").write_text(json.dumps(made, indent=None) + "\n")
