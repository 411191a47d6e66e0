"""Numbers of the two fusions of several adapters, from formulas written once more in NumPy (float64).

    python make_fusion.py > reference.json

Attention (AdapterFusion; Pfeiffer et al., 2021), for each token: query from the backbone's state, keys and values from
the adapters' outputs, softmax over adapters of q.k / sqrt(h). Gate: sigmoid of a linear layer of [state ; output].
Gradients are those of sum(feature * coefficient), by central differences.
"""

import json

import numpy as np

TOKENS, HIDDEN, ADAPTERS = 3, 4, 3
random = np.random.default_rng(42)


def draw(*shape):
    return np.round(random.normal(size=shape), 3)


def linear(x, params, name):
    return x @ params[f"{name}.weight"].T + params.get(f"{name}.bias", 0.0)


def attention(params, last, outputs):
    query = linear(last, params, "fusion.query")
    scores = [(query * linear(one, params, "fusion.key")).sum(-1) for one in outputs]
    scores = np.stack(scores, -1) / np.sqrt(HIDDEN)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    values = [linear(one, params, "fusion.value") for one in outputs]
    fused = sum(weights[:, i : i + 1] * value for i, value in enumerate(values))
    return np.concatenate([last, fused], -1)


def gate(params, last, outputs):
    fused = np.zeros_like(last)
    for i, one in enumerate(outputs):
        logit = linear(np.concatenate([last, one], -1), params, f"fusion.{i}")
        fused += one / (1.0 + np.exp(-logit))
    return np.concatenate([last, fused], -1)


def layer(name, inputs, outputs):
    return {f"{name}.weight": draw(outputs, inputs), f"{name}.bias": draw(outputs)}


def gradients(feature, params, last, outputs, coefficient, step=1e-5):
    found = {}
    for name, values in params.items():
        grad = np.zeros_like(values)
        for at in np.ndindex(values.shape):
            kept = values[at]
            sides = []
            for sign in (1, -1):
                values[at] = kept + sign * step
                sides.append((feature(params, last, outputs) * coefficient).sum())
            values[at] = kept
            grad[at] = (sides[0] - sides[1]) / (2 * step)
        found[name] = grad
    return found


def case(feature, params):
    last, outputs = draw(TOKENS, HIDDEN), [draw(TOKENS, HIDDEN) for _ in range(ADAPTERS)]
    coefficient = draw(TOKENS, 2 * HIDDEN)
    lists = lambda named: {name: values.flatten().tolist() for name, values in named.items()}
    return {
        "parameters": lists(params),
        "last": last.flatten().tolist(),
        "outputs": [one.flatten().tolist() for one in outputs],
        "coefficient": coefficient.flatten().tolist(),
        "feature": feature(params, last, outputs).flatten().tolist(),
        "gradients": lists(gradients(feature, params, last, outputs, coefficient)),
    }


of_attention = {
    **layer("fusion.query", HIDDEN, HIDDEN),
    **layer("fusion.key", HIDDEN, HIDDEN),
    "fusion.value.weight": draw(HIDDEN, HIDDEN),
}
of_gates = {}
for i in range(ADAPTERS):
    of_gates |= layer(f"fusion.{i}", 2 * HIDDEN, 1)
sizes = {"tokens": TOKENS, "hidden": HIDDEN, "adapters": ADAPTERS}
print(json.dumps({**sizes, "attention": case(attention, of_attention), "gate": case(gate, of_gates)}, indent=1))
