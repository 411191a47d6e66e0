"""Make layers that fill masks for the tiny checkpoints, and what transformers ranks first with them.

    python3 make_mlm.py

Needs torch and transformers. Beside this file it writes `bert-tiny.safetensors` and `roberta-tiny.safetensors`: a
random layer for each encoder of ../backbone, under the names that transformers saves; `ranks.json`: for
each text the rank of its word among the vocabulary's, and the five words that rank first (a word that is no token of
a tokenizer has no rank); and `names.json`: facts of persons, with an object that LAMA-UHN's second filter drops for
bert-tiny, and one that it keeps.
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

# Relations that the filter asks for, with what it asks, and one that it does not.
PERSONS = [("P103", "Emma Austen", "language"), ("P19", "France", "city"), ("P27", "Austen", "country"), ("P36", "Emma", None)]


def ranks(name: str) -> tuple[list[dict], list[dict]]:
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

    def tokens(text: str) -> list[int]:
        # As ktrain takes words: each with a space before it.
        return [i for word in text.split() for i in tokenizer(" " + word, add_special_tokens=False)["input_ids"]]

    single = [(word, tokens(word)[0]) for word in WORDS if len(tokens(word)) == 1 and tokens(word) != [tokenizer.unk_token_id]]
    found = []
    for relation, text, answer in TEXTS:
        before, behind = text.split("[MASK]")
        start, end = tokenizer.cls_token_id, tokenizer.sep_token_id
        ids = [start, *tokens(before), tokenizer.mask_token_id, *tokens(behind), end]
        place = ids.index(tokenizer.mask_token_id)
        with torch.no_grad():
            scores = model(torch.tensor([ids])).logits[0, place]
        order = sorted(single, key=lambda word: -scores[word[1]].item())
        names = [word for word, _ in order]
        if answer not in names:
            found.append({"relation": relation, "text": text, "answer": answer})
            continue
        found.append({"relation": relation, "text": text, "answer": answer, "rank": names.index(answer) + 1, "first": names[:5]})
    return found, persons(model, tokenizer, tokens)


def persons(model, tokenizer, tokens) -> list[dict]:
    facts = []
    is_whole = lambda token: tokenizer.convert_ids_to_tokens(token).isalpha()
    for relation, subject, what in PERSONS:
        best = {}  # the best rank of each token, over the parts of the name
        for part in subject.split():
            ids = [tokenizer.cls_token_id, *tokens(f"{part} is a common name in the following {what or 'city'} :"), tokenizer.mask_token_id, *tokens("."), tokenizer.sep_token_id]
            with torch.no_grad():
                scores = model(torch.tensor([ids])).logits[0, ids.index(tokenizer.mask_token_id)]
            for rank, token in enumerate(scores.argsort(descending=True).tolist()):
                best[token] = min(rank, best.get(token, rank))
        whole = sorted((token for token in best if is_whole(token)), key=lambda token: (best[token], token))
        word = tokenizer.convert_ids_to_tokens
        # The last that is dropped, and the first that is kept.
        given = [word(token) for token in reversed(whole) if best[token] < 3]
        kept = [word(token) for token in whole if best[token] >= 3]
        for word in given[:1] + kept[:1]:
            facts.append({"relation": relation, "subject": subject, "object": word, "dropped": word in given and what is not None})
    return facts


def main() -> None:
    bert, facts = ranks("bert-tiny")
    roberta, _ = ranks("roberta-tiny")
    result = {"words": WORDS, "bert-tiny": bert, "roberta-tiny": roberta}
    (HERE / "ranks.json").write_text(json.dumps(result, indent=1) + "\n")
    (HERE / "names.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
