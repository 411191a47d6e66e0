"""A checkpoint of RoBERTa-large's shape with random weights, for measuring speed: python make_large.py DIR BACKBONE

The tokenizer is BACKBONE's, so that sentences have the lengths that they have there. 1.4 GB, the same on every machine.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import RobertaConfig, RobertaModel


def main() -> None:
    to, backbone = map(Path, sys.argv[1:])
    if (to / "config.json").exists():
        return
    torch.manual_seed(42)
    pad = json.loads((backbone / "config.json").read_text())["pad_token_id"]
    shape = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}
    config = RobertaConfig(vocab_size=50265, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=pad, **shape)
    partial = to.with_name(f".{to.name}.partial")
    RobertaModel(config, add_pooling_layer=False).save_pretrained(partial)
    shutil.copy(backbone / "tokenizer.json", partial / "tokenizer.json")
    partial.rename(to)


if __name__ == "__main__":
    main()
