"""The features that `ktrain encode` writes, from the adapter's file in plain Python.

    python3 features.py BACKBONE ADAPTER "Paris is the capital of France."

An adapter layer is two linear layers around BERT layers, under BERT's own names, so `transformers` has all of it.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer, BertConfig
from transformers.models.bert.modeling_bert import BertEncoder


@torch.no_grad()
def features(backbone: str, adapter: str, line: str) -> torch.Tensor:
    """[s ; o] for each token: the backbone's last hidden state and the adapter's output. For adapter_fuse = concat."""
    inputs = AutoTokenizer.from_pretrained(backbone)("".join(f" {word}" for word in line.split()), return_tensors="pt")
    h = AutoModel.from_pretrained(backbone).eval()(**inputs, output_hidden_states=True).hidden_states
    about = json.loads(Path(adapter, "adapter_config.json").read_text())
    weights, config = load_file(Path(adapter, "adapter.safetensors")), about["config"]
    encoder = BertEncoder(BertConfig(
        hidden_size=config["adapter_hidden_size"], num_hidden_layers=config["adapter_transformer_layers"],
        num_attention_heads=config["adapter_attention_heads"], intermediate_size=config["adapter_ffn_size"],
        layer_norm_eps=config["adapter_layer_norm_eps"], attn_implementation="eager")).eval()
    o = torch.zeros_like(h[-1])
    for i, point in enumerate(about["plug_points"]):
        layer = {name.removeprefix(f"adapter.{i}."): w for name, w in weights.items() if name.startswith(f"adapter.{i}.")}
        down, up = ((layer.pop(f"{part}_project.weight"), layer.pop(f"{part}_project.bias")) for part in ("down", "up"))
        encoder.load_state_dict({name.removeprefix("encoder."): w for name, w in layer.items()})
        x = torch.nn.functional.linear(torch.cat([h[point], o], -1), *down)
        o = h[point] + torch.nn.functional.linear(encoder(x).last_hidden_state, *up)
    return torch.cat([h[-1], o], -1)[0]


if __name__ == "__main__":
    print(features(*sys.argv[1:]))
