"""The linguistic adapter as K-Adapter's released code builds it, on roberta-tiny, and the numbers that it gives.

    python3 make_reference.py && python3 make_released_reference.py && python3 make_released_linguistic_reference.py

Follows lin-adapter.py of github.com/microsoft/K-Adapter, not the paper: on the adapter of
`make_released_reference.py`, whose weights it takes, stands an attention block of BERT's with one head, in which pads
are masked, and a score for each position. Unlike there, only the words are scored, each at its first token. Writes
`released/linguistic.safetensors`: the head's weights and all numbers.

Shapes: b = sentence, t = position, h = the backbone's hidden size, w = scored word, p = position of a head.
"""

from pathlib import Path

import torch
from make_adapter_reference import randomise
from make_released_reference import HIDDEN, READ, AdapterLayer
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import BertConfig, RobertaModel
from transformers.models.bert.modeling_bert import BertAttention

HERE = Path(__file__).parent

PLACES = 13  # max_length
ATTENTION = BertConfig(
    hidden_size=HIDDEN,
    num_attention_heads=1,
    layer_norm_eps=1e-5,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
    attn_implementation="eager",
)
# Sentence, first token of a word, first token of its head (0 = root); the lengths are 13, 5 and 9.
WORDS = [(0, 1, 3), (0, 3, 0), (0, 4, 11), (0, 8, 3), (0, 11, 8), (1, 1, 0), (1, 3, 1), (2, 2, 7), (2, 5, 2), (2, 7, 0)]


class LinguisticAdapter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.adapter = nn.ModuleList([AdapterLayer() for _ in READ])
        self.self_attention = BertAttention(ATTENTION)
        self.com_dense = nn.Linear(2 * HIDDEN, HIDDEN)
        self.dense = nn.Linear(HIDDEN, HIDDEN)
        self.out_proj = nn.Linear(HIDDEN, PLACES)

    def forward(self, states: list[Tensor], mask_bt: Tensor) -> Tensor:
        """The score of each position as the head of each, b x t x p."""
        last_bth = torch.zeros_like(states[0])
        for layer, read in zip(self.adapter, READ):
            last_bth = layer(states[read] + last_bth)
        features_bth = self.com_dense(torch.cat([states[-1], last_bth], dim=-1))
        bias_b11t = (1.0 - mask_bt.float())[:, None, None, :] * -10000.0
        context_bth = self.self_attention(features_bth, attention_mask=bias_b11t)[0]
        return self.out_proj(self.dense(context_bth))


def main() -> None:
    torch.set_num_threads(1)
    inputs = load_file(HERE / "roberta-tiny" / "reference.safetensors")
    ids_bt, mask_bt = inputs["padded.input_ids"], inputs["padded.attention_mask"]
    backbone = RobertaModel.from_pretrained(HERE / "roberta-tiny", attn_implementation="eager").eval()
    model = LinguisticAdapter()
    randomise(model)
    factual = torch.load(HERE / "released" / "pytorch_model.bin", weights_only=True)
    adapter = {name: tensor for name, tensor in factual.items() if name.startswith("adapter.")}
    missing, unknown = model.load_state_dict(adapter, strict=False)
    assert not unknown and not any(name.startswith("adapter.") for name in missing)

    positions_bt = torch.arange(2, 2 + ids_bt.shape[1]).expand_as(ids_bt)
    with torch.no_grad():
        states = backbone(ids_bt, mask_bt, position_ids=positions_bt, output_hidden_states=True).hidden_states
    sentence_w, place_w, head_w = torch.tensor(WORDS).T
    logits_wp = model(states, mask_bt)[sentence_w, place_w]
    loss = nn.functional.cross_entropy(logits_wp, head_w)
    loss.backward()

    numbers = {"input_ids": ids_bt, "attention_mask": mask_bt, "heads": head_w}
    numbers |= {"places": sentence_w * ids_bt.shape[1] + place_w, "lengths": mask_bt.sum(1)[sentence_w]}
    numbers |= {"logits": logits_wp.detach(), "loss": loss.detach()}
    for name, parameter in model.named_parameters():
        if name not in adapter:
            numbers[f"parameter.{name}"] = parameter.detach()
        numbers[f"grad.{name}"] = parameter.grad.clone()
    path = HERE / "released" / "linguistic.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in numbers.items()}, path)


if __name__ == "__main__":
    main()
