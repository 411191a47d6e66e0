"""Write tiny files with torch.save, in both of its formats, and what they hold.

    python3 make_reference.py && python3 make_torch_files.py

Writes `torch/`; README.md says what is in it.
"""

import json
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

HERE = Path(__file__).parent / "torch"


def tensors() -> dict[str, Tensor]:
    """Every type and every kind of view that is read."""
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8
    shared = torch.arange(10, dtype=torch.int64) - 5
    return OrderedDict(
        plain=base,
        transposed=base.t(),
        part=base[1:3, 2:5],
        half=torch.tensor([0.5, -2.0, 65504.0], dtype=torch.float16),
        bfloat=torch.tensor([[1.0, -0.0078125]], dtype=torch.bfloat16),
        tied=shared,
        tied_end=shared[7:],
        scalar=torch.tensor(7),
        nothing=torch.zeros(0, 3),
        parameter=nn.Parameter(torch.tensor([1.5])),
    )


class Call:
    """What a general unpickler would call."""

    def __reduce__(self) -> tuple:
        return print, ("called",)


def save(tensors: object, name: str, zipped: bool) -> None:
    torch.save(tensors, HERE / f"{name}.bin", _use_new_zipfile_serialization=zipped)


def shards() -> None:
    """bert-tiny's weights as two shards, one in each format."""
    folder = HERE / "shards"
    folder.mkdir(exist_ok=True)
    weights = load_file(HERE.parent / "bert-tiny" / "model.safetensors")
    names = sorted(weights)
    weight_map = {}
    for i, zipped in enumerate([True, False]):
        file = f"pytorch_model-{i + 1:05}-of-00002.bin"
        torch.save({name: weights[name] for name in names[i::2]}, folder / file, _use_new_zipfile_serialization=zipped)
        weight_map |= dict.fromkeys(names[i::2], file)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}, indent=1) + "\n")


def main() -> None:
    HERE.mkdir(exist_ok=True)
    shards()
    good = tensors()
    plain = {name: tensor.detach().clone().contiguous() for name, tensor in good.items()}
    save_file(plain, HERE / "expected.safetensors")
    bad = {
        "double": {"x": torch.ones(2, dtype=torch.float64)},
        "call": {"x": Call()},
        "expanded": {"x": torch.ones(1).expand(1000)},
        "list": [torch.ones(1)],
        "number": {"x": 1},
    }
    for zipped, kind in [(True, "zip"), (False, "legacy")]:
        save(good, kind, zipped)
        for name, value in bad.items():
            save(value, f"{name}-{kind}", zipped)


if __name__ == "__main__":
    main()
