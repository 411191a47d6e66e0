"""The factual adapter as K-Adapter's released code builds it, on roberta-tiny, and the numbers that it gives.

    python3 make_reference.py && python3 make_released_reference.py

Follows fac-adapter.py of github.com/microsoft/K-Adapter (commit 43651cd), not the paper: each adapter layer reads
the sum of a hidden state and the adapter layer before it, pads are attended inside the adapter and have positions
of their own, and three linear layers read the states at the entities' first markers. As there, the transformer
layers are those of BERT. Writes `released/pytorch_model.bin`, in the format of torch before 1.6 as the released
files are, and `released/reference.safetensors`.

Shapes: b = sentence, t = position, h = the backbone's hidden size, r = relation.
"""

from pathlib import Path

import torch
from make_adapter_reference import randomise
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import BertConfig, RobertaModel
from transformers.models.bert.modeling_bert import BertEncoder

HERE = Path(__file__).parent

HIDDEN = 32
RELATIONS = 5
READ = [0, 1, 2]  # of a backbone with 4 layers: i * (L - 2) // 2, which is 0, 11, 22 of 24
ENCODER = BertConfig(
    hidden_size=16,
    num_attention_heads=2,
    intermediate_size=24,
    num_hidden_layers=2,
    layer_norm_eps=1e-5,
    hidden_act="gelu",
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
    attn_implementation="eager",
)


class AdapterLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down_project = nn.Linear(HIDDEN, ENCODER.hidden_size)
        self.encoder = BertEncoder(ENCODER)
        self.up_project = nn.Linear(ENCODER.hidden_size, HIDDEN)

    def forward(self, x_bth: Tensor) -> Tensor:
        return x_bth + self.up_project(self.encoder(self.down_project(x_bth)).last_hidden_state)


class FactualAdapter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.adapter = nn.ModuleList([AdapterLayer() for _ in READ])
        self.com_dense = nn.Linear(2 * HIDDEN, HIDDEN)
        self.dense = nn.Linear(2 * HIDDEN, HIDDEN)
        self.out_proj = nn.Linear(HIDDEN, RELATIONS)

    def forward(self, states: list[Tensor], pool_b2t: Tensor) -> tuple[Tensor, Tensor]:
        last_bth = torch.zeros_like(states[0])
        for layer, read in zip(self.adapter, READ):
            last_bth = layer(states[read] + last_bth)
        features_bth = self.com_dense(torch.cat([states[-1], last_bth], dim=-1))
        entities_b2h = pool_b2t @ features_bth
        return last_bth, self.out_proj(self.dense(entities_b2h.flatten(1)))


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    inputs = load_file(HERE / "roberta-tiny" / "reference.safetensors")
    ids_bt, mask_bt = inputs["padded.input_ids"], inputs["padded.attention_mask"]
    backbone = RobertaModel.from_pretrained(HERE / "roberta-tiny", attn_implementation="eager").eval()
    model = FactualAdapter()
    randomise(model)

    # Pads are counted, from the pad's id plus 1 as everything else: RobertaModel of 2019 did so.
    positions_bt = torch.arange(2, 2 + ids_bt.shape[1]).expand_as(ids_bt)
    with torch.no_grad():
        states = backbone(ids_bt, mask_bt, position_ids=positions_bt, output_hidden_states=True).hidden_states
    pool_b2t = torch.zeros(len(ids_bt), 2, ids_bt.shape[1])
    for row, (subject, obj) in enumerate([(1, 6), (3, 0), (2, 7)]):
        pool_b2t[row, 0, subject] = pool_b2t[row, 1, obj] = 1
    labels_b = torch.tensor([4, 0, 2])
    output_bth, logits_br = model(states, pool_b2t)
    loss = nn.functional.cross_entropy(logits_br, labels_b)
    loss.backward()

    folder = HERE / "released"
    folder.mkdir(exist_ok=True)
    torch.save(model.state_dict(), folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    numbers = {"input_ids": ids_bt, "attention_mask": mask_bt, "pool": pool_b2t, "labels": labels_b}
    numbers |= {"adapter_output": output_bth.detach(), "logits": logits_br.detach(), "loss": loss.detach()}
    numbers |= {f"grad.{name}": parameter.grad.clone() for name, parameter in model.named_parameters()}
    save_file({name: tensor.contiguous() for name, tensor in numbers.items()}, folder / "reference.safetensors")


if __name__ == "__main__":
    main()
