"""The features of a few sentences, from `trainer/examples/features.py`.

    python3 make_features.py

Writes `adapter/features.safetensors`: tensor `i` holds line `i` of `features.txt` on bert-tiny with the adapter of
`make_adapter_reference.py`.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "../../../trainer/examples"))
from features import features  # noqa: E402

CONFIG = dict(
    adapter_hidden_size=48,
    adapter_transformer_layers=2,
    adapter_attention_heads=4,
    adapter_ffn_size=96,
    adapter_layer_norm_eps=1e-5,
)


def main() -> None:
    torch.set_num_threads(1)
    lines = (HERE / "features.txt").read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as adapter:
        shutil.copy(HERE / "adapter/adapter.safetensors", adapter)
        about = {"plug_points": [1, 2, 4], "config": CONFIG}
        Path(adapter, "adapter_config.json").write_text(json.dumps(about))
        tensors = {str(i): features(str(HERE / "bert-tiny"), adapter, line).contiguous() for i, line in enumerate(lines)}
    save_file(tensors, HERE / "adapter/features.safetensors")


if __name__ == "__main__":
    main()
