"""Make layers that fill masks for the tiny checkpoints, and what transformers ranks first with them.

    python3 make_mlm.py

Needs torch and transformers. Beside this file it writes `bert-tiny.safetensors` and `roberta-tiny.safetensors`: a
random layer for each encoder of ../backbone, under the names that transformers saves; and `ranks.json`: for
each text the rank of its word among the vocabulary's, and the five words that rank first. A word that is no piece of
a tokenizer has no rank.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForMaskedLM, AutoTokenizer

HERE = Path(__file__).parent
WORDS = ["France", "Austen", "capital", "the", "of", "space", "wrote", "Emma", "text", "symbol", "first", "in", "was", "unbelievable"]
TEXTS = [
    ("P36", "the capital of [MASK] is in space", "France"),
    ("P36", "[MASK] was the first capital", "France"),
    ("P50", "the first text of Austen was [MASK] .", "Emma"),
    ("P50", "in the space of Emma , [MASK]", "Austen"),
]


def ranks(name: str) -> list[dict]:
    folder = HERE.parent / "backbone" / name
    torch.manual_seed(1)
    model = AutoModelForMaskedLM.from_pretrained(folder).eval()
    # Far from symmetric, so that every part of the layer counts.
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if key.startswith(("cls.", "lm_head.")) and "decoder.weight" not in key:
                parameter.add_(0.5 * torch.randn_like(parameter))
    is_own = lambda key: key.startswith(("cls.", "lm_head.")) and "decoder" not in key
    own = {key: value.contiguous() for key, value in model.state_dict().items() if is_own(key)}
    save_file(own, HERE / f"{name}.safetensors", metadata={"format": "pt"})
    tokenizer = AutoTokenizer.from_pretrained(folder)

    def pieces(text: str) -> list[int]:
        # As ktrain takes words: each with a space before it.
        return [i for word in text.split() for i in tokenizer(" " + word, add_special_tokens=False)["input_ids"]]

    single = [(word, pieces(word)[0]) for word in WORDS if len(pieces(word)) == 1 and pieces(word) != [tokenizer.unk_token_id]]
    found = []
    for relation, text, answer in TEXTS:
        before, behind = text.split("[MASK]")
        start, end = tokenizer.cls_token_id, tokenizer.sep_token_id
        ids = [start, *pieces(before), tokenizer.mask_token_id, *pieces(behind), end]
        place = ids.index(tokenizer.mask_token_id)
        with torch.no_grad():
            scores = model(torch.tensor([ids])).logits[0, place]
        order = sorted(single, key=lambda word: -scores[word[1]].item())
        names = [word for word, _ in order]
        if answer not in names:
            found.append({"relation": relation, "text": text, "answer": answer})
            continue
        found.append({"relation": relation, "text": text, "answer": answer, "rank": names.index(answer) + 1, "first": names[:5]})
    return found


def main() -> None:
    result = {"words": WORDS, **{name: ranks(name) for name in ["bert-tiny", "roberta-tiny"]}}
    (HERE / "ranks.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
