"""One knowledge adapter in plain PyTorch, and the numbers that it gives on bert-tiny's hidden states.

    python3 make_reference.py && python3 make_adapter_reference.py

Follows section 3 of the K-Adapter paper (Wang et al., 2021), not its released code: the hidden state and the
previous adapter layer's output are concatenated, the skip connection starts at the hidden state, and padding
is masked inside the adapter. Writes `adapter/adapter.safetensors` and `adapter/reference.safetensors`.

Shapes: b = sentence, t = position, h = the backbone's hidden size, a = the adapter's hidden size.
"""

import math
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

HERE = Path(__file__).parent

HIDDEN = 32
BACKBONE_LAYERS = 4
ADAPTER_HIDDEN = 48
HEADS = 4
FEED_FORWARD = 96
ADAPTER_LAYERS = 3  # K
TRANSFORMER_LAYERS = 2  # N
EPS = 1e-5


def plug_points(backbone_layers: int, adapter_layers: int) -> list[int]:
    """The transformer layers (from 0) after which an adapter layer reads: 0, 11, 23 for 24 layers and K = 3."""
    return [i * (backbone_layers - 1) // (adapter_layers - 1) for i in range(adapter_layers)]


class SelfAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(ADAPTER_HIDDEN, ADAPTER_HIDDEN)
        self.key = nn.Linear(ADAPTER_HIDDEN, ADAPTER_HIDDEN)
        self.value = nn.Linear(ADAPTER_HIDDEN, ADAPTER_HIDDEN)

    def forward(self, x_bta: Tensor, mask_bt: Tensor) -> Tensor:
        def split(y_bta: Tensor) -> Tensor:
            return y_bta.unflatten(-1, (HEADS, -1)).transpose(1, 2)

        query, key, value = split(self.query(x_bta)), split(self.key(x_bta)), split(self.value(x_bta))
        scores = query @ key.transpose(-1, -2) / math.sqrt(ADAPTER_HIDDEN // HEADS)
        scores = scores.masked_fill(mask_bt[:, None, None, :] == 0, float("-inf"))
        return (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)


class Output(nn.Module):
    """Projection, residual connection, layer norm after it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, ADAPTER_HIDDEN)
        self.LayerNorm = nn.LayerNorm(ADAPTER_HIDDEN, eps=EPS)

    def forward(self, y: Tensor, residual_bta: Tensor) -> Tensor:
        return self.LayerNorm(self.dense(y) + residual_bta)


class TransformerLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.ModuleDict({"self": SelfAttention(), "output": Output(ADAPTER_HIDDEN)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(ADAPTER_HIDDEN, FEED_FORWARD)})
        self.output = Output(FEED_FORWARD)

    def forward(self, x_bta: Tensor, mask_bt: Tensor) -> Tensor:
        x_bta = self.attention["output"](self.attention["self"](x_bta, mask_bt), x_bta)
        return self.output(F.gelu(self.intermediate["dense"](x_bta)), x_bta)


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.ModuleList([TransformerLayer() for _ in range(TRANSFORMER_LAYERS)])

    def forward(self, x_bta: Tensor, mask_bt: Tensor) -> Tensor:
        for layer in self.layer:
            x_bta = layer(x_bta, mask_bt)
        return x_bta


class AdapterLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down_project = nn.Linear(2 * HIDDEN, ADAPTER_HIDDEN)
        self.encoder = Encoder()
        self.up_project = nn.Linear(ADAPTER_HIDDEN, HIDDEN)

    def forward(self, hidden_bth: Tensor, previous_bth: Tensor, mask_bt: Tensor) -> Tensor:
        down_bta = self.down_project(torch.cat([hidden_bth, previous_bth], dim=-1))
        return hidden_bth + self.up_project(self.encoder(down_bta, mask_bt))


class Adapter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.adapter = nn.ModuleList([AdapterLayer() for _ in range(ADAPTER_LAYERS)])

    def forward(self, states: list[Tensor], mask_bt: Tensor) -> list[Tensor]:
        """`states` are hidden_states[0] (embeddings) to [L]; gives every adapter layer's output."""
        outputs = []
        previous_bth = torch.zeros_like(states[0])
        for layer, after in zip(self.adapter, plug_points(BACKBONE_LAYERS, ADAPTER_LAYERS)):
            previous_bth = layer(states[after + 1], previous_bth, mask_bt)
            outputs.append(previous_bth)
        return outputs


def randomise(model: nn.Module) -> None:
    """Large random values everywhere, so that a swapped or forgotten tensor shows."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator) * 0.2
            parameter.copy_(1 + noise if name.endswith("LayerNorm.weight") else noise)


def reference(model: Adapter, prefix: str, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Outputs, loss and (padded only) gradients for one of the batches in bert-tiny/reference.safetensors."""
    states = [inputs[f"{prefix}.hidden_states_{i}"] for i in range(BACKBONE_LAYERS + 1)]
    mask_bt = inputs[f"{prefix}.attention_mask"]
    model.zero_grad()
    outputs = model(states, mask_bt)
    feature = torch.cat([states[-1], outputs[-1]], dim=-1)
    # Pads count for nothing: their values are arbitrary.
    loss = feature[mask_bt == 1].square().mean()
    loss.backward()
    tensors = {"attention_mask": mask_bt, "feature": feature.detach(), "loss": loss.detach()}
    tensors |= {f"hidden_states_{i}": state for i, state in enumerate(states)}
    tensors |= {f"adapter_output_{i}": output.detach() for i, output in enumerate(outputs)}
    if prefix == "padded":  # once is enough, and half the size
        tensors |= {f"grad.{name}": parameter.grad.clone() for name, parameter in model.named_parameters()}
    return {f"{prefix}.{name}": tensor.contiguous() for name, tensor in tensors.items()}


def main() -> None:
    torch.set_num_threads(1)
    assert plug_points(24, 3) == [0, 11, 23]
    inputs = load_file(HERE / "bert-tiny" / "reference.safetensors")
    model = Adapter()
    randomise(model)
    folder = HERE / "adapter"
    folder.mkdir(exist_ok=True)
    save_file(model.state_dict(), folder / "adapter.safetensors", metadata={"format": "pt"})
    numbers = reference(model, "plain", inputs) | reference(model, "padded", inputs)
    save_file(numbers, folder / "reference.safetensors")


if __name__ == "__main__":
    main()
