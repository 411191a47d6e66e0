"""The training step of a factual adapter in PyTorch, as a user would write it, on the batches that ktrain made.

    VENV/bin/python tests/bench/torch_loop.py released|tuned --backbone DIR --batches DIR [--device cuda] [--shuffle]

released: fp32, every input padded to 64 tokens, attention written out, as K-Adapter's code does it. tuned: what one would
change first: bf16 (weights of the backbone, autocast for the adapter), padding to the longest input of the batch, scaled
dot product attention, fused AdamW. Both start from the parameters in DIR/start.safetensors and read DIR/batches.safetensors
(`ktrain bench --export DIR`), so that the losses can be compared step by step. ktrain's batches hold examples of one
length; --shuffle deals the same examples out anew, as a plain data loader does, each batch padded to its longest. The
encoder is Hugging Face's. Prints JSON.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, safe_open
from torch import nn
from torch.nn import functional
from transformers import AutoModel
from transformers.utils import logging


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float, tuned: bool) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.heads, self.dropout, self.tuned = heads, dropout, tuned

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        b, t, width = x.shape
        q, k, v = (part(x).view(b, t, self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value))
        dropout = self.dropout if self.training else 0.0
        if self.tuned:
            y = functional.scaled_dot_product_attention(q, k, v, mask, dropout)
        else:
            scores = q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5
            if mask is not None:
                scores = scores.masked_fill(~mask, -10000.0)
            y = functional.dropout(scores.softmax(-1), dropout) @ v
        return y.transpose(1, 2).reshape(b, t, width)


class Layer(nn.Module):
    """A transformer layer with the released files' names."""

    def __init__(self, c: dict, tuned: bool) -> None:
        super().__init__()
        width, ffn, eps = c["adapter_hidden_size"], c["adapter_ffn_size"], c["adapter_layer_norm_eps"]
        self.attention = nn.ModuleDict({"self": Attention(width, c["adapter_attention_heads"], c["adapter_dropout"], tuned)})
        self.attention["output"] = nn.ModuleDict({"dense": nn.Linear(width, width), "LayerNorm": nn.LayerNorm(width, eps)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, ffn)})
        self.output = nn.ModuleDict({"dense": nn.Linear(ffn, width), "LayerNorm": nn.LayerNorm(width, eps)})
        self.dropout = nn.Dropout(c["adapter_dropout"])

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        out = self.attention["output"]
        x = out["LayerNorm"](self.dropout(out["dense"](self.attention["self"](x, mask))) + x)
        wide = functional.gelu(self.intermediate["dense"](x))
        return self.output["LayerNorm"](self.dropout(self.output["dense"](wide)) + x)


class AdapterLayer(nn.Module):
    def __init__(self, c: dict, hidden: int, tuned: bool) -> None:
        super().__init__()
        width = c["adapter_hidden_size"]
        self.down_project, self.up_project = nn.Linear(2 * hidden, width), nn.Linear(width, hidden)
        layers = nn.ModuleList(Layer(c, tuned) for _ in range(c["adapter_transformer_layers"]))
        self.encoder = nn.ModuleDict({"layer": layers})

    def forward(self, state: torch.Tensor, previous: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        x = self.down_project(torch.cat([state, previous], -1))
        for layer in self.encoder["layer"]:
            x = layer(x, mask)
        return state + self.up_project(x)


class Adapter(nn.Module):
    """The paper's adapter, and its linear head on the mean of each entity's tokens."""

    def __init__(self, c: dict, hidden: int, classes: int, tuned: bool) -> None:
        super().__init__()
        self.adapter = nn.ModuleList(AdapterLayer(c, hidden, tuned) for _ in range(c["adapter_layers"]))
        self.head = nn.Linear(4 * hidden, classes)

    def forward(self, states: list[torch.Tensor], mask: torch.Tensor | None, pool: torch.Tensor) -> torch.Tensor:
        *states, last = states
        previous = torch.zeros_like(last)
        for layer, state in zip(self.adapter, states):
            previous = layer(state, previous, mask)
        features = torch.cat([last.to(pool.dtype), previous.to(pool.dtype)], -1)
        return self.head((pool @ features).flatten(1))


def padded(batch: dict[str, torch.Tensor], pad: int, width: int) -> dict[str, torch.Tensor]:
    """The same batch with pads up to `width`."""
    more = width - batch["ids"].shape[1]
    return {
        "ids": functional.pad(batch["ids"], (0, more), value=pad),
        "mask": functional.pad(batch["mask"], (0, more), value=False),
        "pool": functional.pad(batch["pool"], (0, more)),
        "label": batch["label"],
    }


def dealt_out(batches: list[dict[str, torch.Tensor]], pad: int) -> list[dict[str, torch.Tensor]]:
    """The same examples in batches of the same sizes, at random, padded to the longest of each."""
    width = max(batch["ids"].shape[1] for batch in batches)
    batches = [padded(batch, pad, width) for batch in batches]
    sizes = [len(batch["label"]) for batch in batches]
    order = torch.randperm(sum(sizes))
    deal = {name: torch.cat([batch[name] for batch in batches])[order].split(sizes) for name in batches[0]}
    dealt = [{name: parts[i] for name, parts in deal.items()} for i in range(len(sizes))]
    for batch in dealt:
        longest = int(batch["mask"].sum(1).max())
        batch.update({name: batch[name][..., :longest] for name in ("ids", "mask", "pool")})
    return dealt


def read(path: Path) -> tuple[list[dict[str, torch.Tensor]], dict]:
    with safe_open(path, "pt") as file:
        meta = json.loads(file.metadata()["bench"])
        names = ("ids", "mask", "pool", "label")
        batches = [{name: file.get_tensor(f"{i}.{name}") for name in names} for i in range(meta["steps"])]
    for batch in batches:
        batch["mask"] = batch["mask"].bool()
    return batches, meta


def main() -> None:
    parser = argparse.ArgumentParser(description="The training step of a factual adapter in PyTorch")
    parser.add_argument("way", choices=["released", "tuned"])
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--batches", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--shuffle", action="store_true")
    args = parser.parse_args()
    tuned, device = args.way == "tuned", torch.device(args.device)
    if args.threads:
        torch.set_num_threads(args.threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.manual_seed(42)
    batches, meta = read(args.batches / "batches.safetensors")
    if args.shuffle:
        batches = dealt_out(batches, meta["pad"])
    c = meta["config"]
    kind = torch.bfloat16 if tuned else torch.float32
    attention = "sdpa" if tuned else "eager"
    backbone = AutoModel.from_pretrained(args.backbone, add_pooling_layer=False, attn_implementation=attention, dtype=kind)
    backbone = backbone.eval().requires_grad_(False).to(device)
    start = load_file(args.batches / "start.safetensors")
    model = Adapter(c, backbone.config.hidden_size, start["head.bias"].shape[0], tuned)
    model.load_state_dict(start)
    model.to(device).train()
    settings = {"lr": c["learning_rate"], "betas": (c["adam_beta1"], c["adam_beta2"]), "eps": c["adam_epsilon"], "weight_decay": c["weight_decay"]}
    optimiser = torch.optim.AdamW(model.parameters(), fused=tuned, **settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: (len(batches) - step) / len(batches))
    width = c["max_length"]
    losses, clock = [], 0.0
    for i, batch in enumerate(batches):
        if i == meta["warm_up"]:
            synchronise(device)
            clock = time.perf_counter()
        if not tuned:
            batch = padded(batch, meta["pad"], width)
        ids, mask, pool, label = (batch[name].to(device) for name in ("ids", "mask", "pool", "label"))
        with torch.no_grad():
            states = backbone(ids, attention_mask=mask.long(), output_hidden_states=True).hidden_states
        states = [states[i] for i in meta["plug_points"]] + [states[-1]]
        # A mask that hides nothing keeps the fast kernel away.
        mask = None if tuned and bool(batch["mask"].all()) else mask[:, None, None, :]
        with torch.autocast(device.type, torch.bfloat16, enabled=tuned):
            logits = model(states, mask, pool)
        loss = functional.cross_entropy(logits.float(), label)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), c["clip_norm"])
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.item() if not tuned else loss.detach())
    synchronise(device)
    seconds = time.perf_counter() - clock
    peak = torch.cuda.max_memory_allocated() / 1e6 if device.type == "cuda" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "losses": [float(loss) for loss in losses], "peak_mb": peak}))


def synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
