"""Write a file with the torch of K-Adapter's released files.

    pip install torch==1.3.1 && python3 make_old_torch_file.py   # Python 3.7

Writes `torch/torch-1.3.1.bin`.
"""

from pathlib import Path

import torch

tensors = {
    "half": torch.ones(3).half(),
    "long": torch.arange(4),
    "transposed": torch.arange(6.0).view(2, 3).t(),
    "parameter": torch.nn.Parameter(torch.ones(2)),
}
torch.save(tensors, str(Path(__file__).parent / "torch" / "torch-1.3.1.bin"))
