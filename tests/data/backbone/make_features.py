"""The features of a few sentences in plain Python: an adapter layer is two linear layers around BERT layers, under BERT's
own names, so `transformers` has all of it.

    python3 make_features.py

Writes `adapter/features.safetensors`: tensor `i` holds line `i` of `features.txt` on bert-tiny with the adapter of
`make_adapter_reference.py`. It shares no line with `modeling_kprep.py`, so that each checks the other.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer, BertConfig
from transformers.models.bert.modeling_bert import BertEncoder

HERE = Path(__file__).parent
BACKBONE = str(HERE / "bert-tiny")
PLUG_POINTS = [1, 2, 4]
WIDTH, LAYERS, HEADS, FFN = 48, 2, 4, 96


@torch.no_grad()
def features(line: str) -> torch.Tensor:
    """[s ; o] for each token: the backbone's last hidden state and the adapter's output. For adapter_fuse = concat."""
    inputs = AutoTokenizer.from_pretrained(BACKBONE)("".join(f" {word}" for word in line.split()), return_tensors="pt")
    h = AutoModel.from_pretrained(BACKBONE).eval()(**inputs, output_hidden_states=True).hidden_states
    weights = load_file(HERE / "adapter/adapter.safetensors")
    encoder = BertEncoder(BertConfig(
        hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=FFN,
        layer_norm_eps=1e-5, attn_implementation="eager")).eval()
    o = torch.zeros_like(h[-1])
    for i, point in enumerate(PLUG_POINTS):
        layer = {name.removeprefix(f"adapter.{i}."): w for name, w in weights.items() if name.startswith(f"adapter.{i}.")}
        down, up = ((layer.pop(f"{part}_project.weight"), layer.pop(f"{part}_project.bias")) for part in ("down", "up"))
        encoder.load_state_dict({name.removeprefix("encoder."): w for name, w in layer.items()})
        x = torch.nn.functional.linear(torch.cat([h[point], o], -1), *down)
        o = h[point] + torch.nn.functional.linear(encoder(x).last_hidden_state, *up)
    return torch.cat([h[-1], o], -1)[0]


def main() -> None:
    torch.set_num_threads(1)
    lines = (HERE / "features.txt").read_text(encoding="utf-8").splitlines()
    tensors = {str(i): features(line).contiguous() for i, line in enumerate(lines)}
    save_file(tensors, HERE / "adapter/features.safetensors")


if __name__ == "__main__":
    main()
