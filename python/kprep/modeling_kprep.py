"""K-Adapter (Wang et al., Findings of ACL 2021) in PyTorch: a frozen encoder, and knowledge adapters beside it.

    from kprep import KAdapterModel
    model = KAdapterModel.from_pretrained("path/to/backbone", adapters=["runs/trex-rc", "runs/deps"])

    output = model(input_ids, attention_mask)      # last_hidden_state, adapter_outputs, features
    model.encode(["Paris is the capital of France."])
    model.predict("<e1>Paris</e1> is the capital of <e2>France</e2>.", adapter="trex-rc")

It reads the folders that `ktrain` writes and computes what `ktrain encode` and `ktrain predict` compute. This file needs
torch and transformers and nothing of kprep: a copy of it lies in each adapter's folder, for
`AutoModel.from_pretrained(folder, backbone="path/to/backbone", trust_remote_code=True)`.

Shapes: b = sentence, t = position, h = the backbone's width, f = width of the features, s = span.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from typing import Optional

import regex
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import pad, relu, scaled_dot_product_attention
from transformers import AutoConfig, AutoModel, AutoTokenizer, PretrainedConfig, PreTrainedModel
from transformers.utils import ModelOutput, cached_file, logging

logger = logging.get_logger(__name__)

FORMAT = "ktrain adapter"  # the field `format` of a run's config.json


class KAdapterConfig(PretrainedConfig):
    """The configuration of a backbone with adapters, or `config.json` of one run of ktrain.

    `runs` are the adapters, each the `config.json` of the run that trained it; `tuned` is that of a fine-tuned model.
    """

    model_type = "k-adapter"

    def __init__(self, runs=None, tuned=None, backbone_config=None, format=None, **kwargs):
        if format == FORMAT:  # a run's own file
            run = {name: kwargs.pop(name) for name in RUN if name in kwargs}
            runs, tuned = ([], run) if run["config"]["variant"] == "finetune" else ([run], None)
        self.runs, self.tuned, self.backbone_config = runs or [], tuned, backbone_config
        super().__init__(**kwargs)


# What ktrain writes into config.json beside `format` and what transformers reads.
RUN = (
    "version config backbone dataset second adapter_weights_sha256 adapters plug_points parameters class_names class_labels "
    "scores second_scores entities imported_from files sha256"
).split()


@dataclass
class KAdapterOutput(ModelOutput):
    """What the model computes for each position."""

    last_hidden_state: Optional[Tensor] = None  # s of the backbone, b x t x h
    adapter_outputs: Optional[tuple[Tensor, ...]] = None  # o of each adapter, b x t x h
    features: Optional[Tensor] = None  # [s ; o ; o ...], or what the fusion of a fine-tuned model makes of them
    hidden_states: Optional[tuple[Tensor, ...]] = None  # of the backbone, from the embeddings on


# The adapter (section 3.1 of the paper). Names of modules are those in adapter.safetensors, within a layer BERT's.


class SelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, x_bth, mask_b11t=None, dropout=0.0):
        q, k, v = (part(x_bth).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value))
        return scaled_dot_product_attention(q, k, v, attn_mask=mask_b11t, dropout_p=dropout).transpose(1, 2).flatten(2)


class AddAndNorm(nn.Module):
    def __init__(self, inputs, width, eps):
        super().__init__()
        self.dense, self.LayerNorm = nn.Linear(inputs, width), nn.LayerNorm(width, eps=eps)

    def forward(self, x, residual, dropout=0.0):
        return self.LayerNorm(nn.functional.dropout(self.dense(x), dropout) + residual)


class TransformerLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, ffn, eps = (config[f"adapter_{name}"] for name in ("hidden_size", "ffn_size", "layer_norm_eps"))
        attention = SelfAttention(width, config["adapter_attention_heads"])
        self.attention = nn.ModuleDict({"self": attention, "output": AddAndNorm(width, width, eps)})
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, ffn)})
        self.output = AddAndNorm(ffn, width, eps)

    def forward(self, x, mask_b11t, dropout):
        x = self.attention["output"](self.attention["self"](x, mask_b11t, dropout), x, dropout)
        return self.output(nn.functional.gelu(self.intermediate["dense"](x)), x, dropout)


class AdapterLayer(nn.Module):
    """Two projections around transformer layers, and a skip connection around all of it."""

    def __init__(self, config, hidden):
        super().__init__()
        self.concat = config["adapter_fuse"] == "concat"
        self.down_project = nn.Linear((1 + self.concat) * hidden, config["adapter_hidden_size"])
        layers = [TransformerLayer(config) for _ in range(config["adapter_transformer_layers"])]
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(layers)})
        self.up_project = nn.Linear(config["adapter_hidden_size"], hidden)

    def forward(self, h, previous, mask_b11t, dropout):
        # The paper: both side by side. The released code: their sum, from which the skip connection starts, too.
        x = skip = h if self.concat else h + previous
        x = self.down_project(torch.cat([h, previous], -1) if self.concat else x)
        for layer in self.encoder["layer"]:
            x = layer(x, mask_b11t, dropout)
        return skip + self.up_project(x)


class Adapter(nn.Module):
    """An adapter with the prediction head that it was trained with."""

    def __init__(self, run, hidden):
        super().__init__()
        config = run["config"]
        self.name, self.points, self.rate = run["dataset"]["name"], run["plug_points"], config["adapter_dropout"]
        self.masked = config["adapter_pads"] == "masked"
        self.adapter = nn.ModuleList(AdapterLayer(config, hidden) for _ in self.points)
        self.task = Head(run, hidden, 2 * hidden) if run["has_head"] else None

    def forward(self, hidden_states, mask_bt):
        """o, b x t x h, from the hidden states of the backbone."""
        learns = self.training and self.adapter[0].down_project.weight.requires_grad
        mask_b11t = mask_bt[:, None, None].bool() if self.masked else None
        o = torch.zeros_like(hidden_states[-1])
        for point, layer in zip(self.points, self.adapter):
            o = layer(hidden_states[point], o, mask_b11t, self.rate if learns else 0.0)
        return o


class Fusion(nn.Module):
    """What joins the last hidden state and the outputs of several adapters in a fine-tuned model."""

    def __init__(self, config, hidden):
        super().__init__()
        adapters = config["adapters"] or 0
        self.kind = config["fusion"] or "concat" if adapters else "concat"
        layers = {}
        if self.kind in ("project", "gate"):
            layers = {str(i): nn.Linear(2 * hidden, hidden if self.kind == "project" else 1) for i in range(adapters)}
        if self.kind == "project" and adapters > 1:
            layers["all"] = nn.Linear(adapters * hidden, hidden)
        if self.kind == "attention":
            layers = {name: nn.Linear(hidden, hidden, bias=name != "value") for name in ("query", "key", "value")}
        self.layers = nn.ModuleDict(layers)
        widths = {"project": hidden, "attention": 2 * hidden, "gate": 2 * hidden, "concat": 2 * hidden * adapters}
        self.width = widths[self.kind] or hidden

    def forward(self, s, outputs):
        layers = self.layers
        if not outputs:
            return s
        if self.kind == "project":
            each = [layers[str(i)](torch.cat([s, o], -1)) for i, o in enumerate(outputs)]
            return layers["all"](torch.cat(each, -1)) if len(each) > 1 else each[0]
        if self.kind == "gate":
            gates = [layers[str(i)](torch.cat([s, o], -1)).sigmoid() for i, o in enumerate(outputs)]
            return torch.cat([s, sum(gate * o for gate, o in zip(gates, outputs))], -1)
        if self.kind == "attention":
            all_nh = torch.stack(outputs, -2)
            score_n = (layers["query"](s).unsqueeze(-2) * layers["key"](all_nh)).sum(-1, keepdim=True) / s.shape[-1] ** 0.5
            return torch.cat([s, (score_n.softmax(-2) * layers["value"](all_nh)).sum(-2)], -1)
        return torch.cat([part for o in outputs for part in (s, o)], -1)


# Prediction heads (sections 3.2 and 3.3, and the other tasks of ktrain), from the features t x f of one input.


class Head(nn.Module):
    """The prediction head of a task: logits from the features of an input."""

    def __init__(self, run, hidden, features):
        super().__init__()
        self.run, self.config = run, run["config"]
        config, classes, self.task = run["config"], len(run["class_names"]), run["config"]["task"]
        self.layers = {"relation": config["relation_head"], "dependency": config["parser"]}.get(self.task, "linear")
        self.around = self.task == "labels" and config["span_pooling"] == "around"
        if self.layers in ("stacked", "released"):  # those of the released code
            self.com_dense = nn.Linear(features, hidden)
            self.dense = nn.Linear(2 * hidden if self.layers == "stacked" else hidden, hidden)
            self.out_proj = nn.Linear(hidden, classes if self.layers == "stacked" else config["max_length"])
        if self.layers == "released":
            output = AddAndNorm(hidden, hidden, config["adapter_layer_norm_eps"])
            self.self_attention = nn.ModuleDict({"self": SelfAttention(hidden, 1), "output": output})
        elif self.layers == "biaffine":  # Dozat and Manning, 2017
            size = config["biaffine_size"]
            self.arc_dependent, self.arc_head = nn.Linear(features, size), nn.Linear(features, size)
            self.arc_bilinear = nn.Linear(size, size)
        elif self.task == "link":
            self.head = LinkHead(run, hidden, features)
        elif self.layers == "linear":
            inputs = 2 * features if self.around or self.task in ("relation", "pair") else features
            self.head = nn.Linear(inputs, {"dependency": config["max_length"], "choice": 1, "span": 2}.get(self.task, classes))

    def forward(self, x_tf, places, row=None):
        """Logits. `places` are lists of positions: those of each entity or span, or the first token of each word."""
        if self.task == "dependency":
            return self.heads_of(x_tf, [first for first, in places])
        if self.task == "link":
            return self.head(x_tf, places, row)
        if self.task == "span":
            return self.head(x_tf)
        pooled_sf = torch.stack([x_tf[place].mean(0) for place in places])
        if self.layers == "stacked":
            return self.out_proj(self.dense(self.com_dense(pooled_sf).flatten()))
        if self.around:
            return self.head(pooled_sf.view(len(places) // 2, -1))
        return self.head(pooled_sf.flatten() if self.task in ("relation", "pair") else pooled_sf)

    def heads_of(self, x_tf, words):
        """The score of each position of the sentence as the head of each word, w x t."""
        if self.layers == "biaffine":
            score_wt = self.arc_bilinear(relu(self.arc_dependent(x_tf[words]))) @ relu(self.arc_head(x_tf)).T
        elif self.layers == "released":
            x_th = self.com_dense(x_tf)
            attended_th = self.self_attention["self"](x_th[None])[0]
            score_wt = self.out_proj(self.dense(self.self_attention["output"](attended_th[words], x_th[words])))
        else:
            score_wt = self.head(x_tf[words])
        return score_wt[:, : len(x_tf)]


class LinkHead(nn.Module):
    """Scores entities as what a span means: dot products of their vectors with its projected features."""

    def __init__(self, run, hidden, features):
        super().__init__()
        config, self.names = run["config"], run.get("entities") or []
        width = hidden if config["vectors"] == "text" else config["vector_size"]
        self.project, self.norm = nn.Linear(features, width), nn.LayerNorm(width)
        self.attention = nn.Linear(features, 1) if config["span_pooling"] == "attention" else None
        self.prior = nn.ModuleList([nn.Linear(2, 100), nn.Linear(100, 1)]) if config["link_prior"] == "mlp" else None
        self.none, self.margin = nn.Parameter(torch.zeros(1)), config["link_loss"] == "margin"
        self.vectors = nn.Parameter(torch.zeros(len(self.names), width))

    def forward(self, x_tf, places, row):
        """The scores of a span's candidates, the last that of none of them; without candidates, of all entities."""
        each = []
        for i, place in enumerate(places):
            if not place:
                each.append(None)
                continue
            x_nf = x_tf[place]
            share_n1 = self.attention(x_nf).softmax(0) if self.attention is not None else 1 / len(place)
            span_d = self.norm(nn.functional.gelu(self.project((share_n1 * x_nf).sum(0))))
            known = [(name, prior) for of, name, prior in zip(*candidates(row)) if of == i]
            rows = [self.names.index(name) for name, _ in known] or slice(None)
            score_n = self.vectors[rows] @ span_d / len(span_d) ** 0.5
            if known:
                if self.prior is not None:
                    both_n2 = torch.stack([score_n, score_n.new_tensor([prior for _, prior in known])], 1)
                    score_n = self.prior[1](relu(self.prior[0](both_n2)))[:, 0]
                score_n = torch.cat([score_n, self.none * (not self.margin)])
            each.append(score_n)
        return each


def candidates(row):
    return [row.get(name, []) for name in ("candidate_span", "candidate", "prior")]


# Folders of ktrain.


def read_run(folder, below, hub):
    """What an adapter's `config.json` says of it, and its weights. `below` is where they are in the folder."""
    with open(cached_file(folder, f"{below}config.json", **hub), encoding="utf-8") as file:
        run = json.load(file)
    if run.get("format") != FORMAT or run["config"]["variant"] not in ("adapter", "random"):
        raise ValueError(f"{folder}: no adapter of ktrain, but {run.get('config', run).get('variant', 'something else')}")
    weights = load_file(cached_file(folder, f"{below}adapter.safetensors", **hub))
    run["has_head"] = not all(name.startswith("adapter.") for name in weights)
    if run["has_head"] and run["config"]["task"] == "link":
        path = cached_file(folder, "entity_vectors.safetensors", _raise_exceptions_for_missing_entries=False, **hub)
        if path:  # the vectors are no part of the head
            named = load_file(path)
            run["entities"] = bytes(named["ids"].tolist()).decode().split("\n")
            weights["head.vectors"] = named["vectors"]
    if run["has_head"] and not run["class_names"] and run["config"]["task"] == "relation":  # imported without names
        last = weights["out_proj.bias" if "out_proj.bias" in weights else "head.bias"]
        run["class_names"] = [str(i) for i in range(len(last))]
    return run, weights


def check_backbone(folder, runs):
    """Refuses a backbone of another shape than the adapters', and warns of one with other weights."""
    stated = PretrainedConfig.get_config_dict(folder)[0]
    for theirs in (run["backbone"] for run in runs):
        shape = (stated["model_type"], stated["hidden_size"], stated["num_hidden_layers"])
        if shape != (theirs["model_type"], theirs["hidden_size"], theirs["layers"]):
            raise ValueError(f"{folder} is {shape}, but the adapter was trained on {theirs['name']}: {theirs}")
        path = os.path.join(folder, "model.safetensors")
        if os.path.isfile(path):
            with open(path, "rb") as file:
                sha256 = hashlib.sha256(file.read()).hexdigest()
            if sha256 != theirs["sha256"]:
                logger.warning(f"{path} has other weights than {theirs['name']}, on which the adapter was trained")


# From text to tokens: word by word, as ktrain does. A reader gives the inputs of a row, each with the positions that the
# head reads; None where it is longer than `max_length`.

MARKS, WORDS = regex.compile("(</?e[12]>)"), regex.compile(r"\w+|[^\w\s]+")


class Words:
    """A backbone's tokenizer, one word at a time, each with a space before it."""

    def __init__(self, tokenizer):
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.tokenizer = tokenizer
        pairs = (("<s>", "[CLS]"), ("</s>", "[SEP]"), ("<pad>", "[PAD]"), ("<unk>", "[UNK]"))
        self.start, self.end, self.pad, self.unknown = (self.token(*names) for names in pairs)
        self.separator = [self.end] * (1 if self.token("<s>") is None else 2)
        self.subject, self.object = (self.token(marker, "<unk>", "[UNK]") for marker in "@#")

    def token(self, *names):
        """The id of the first of these tokens that is there."""
        ids = (self.tokenizer.token_to_id(name) for name in names)
        return next((id for id in ids if id is not None), None)

    def of(self, text):
        """The tokens of each word of a text or of a list of words, at least one."""
        words = text.split() if isinstance(text, str) else text
        return [self.tokenizer.encode(" " + word, add_special_tokens=False).ids or [self.unknown] for word in words]

    def flat(self, text):
        return sum(self.of(text), [])

    def placed(self, text):
        """`<s> w ... w </s>`, and the place of the first token of each word, then that behind the last."""
        ids, places = [self.start], [1]
        for tokens in self.of(text):
            ids += tokens
            places.append(len(ids))
        return ids + [self.end], places


def marked(line):
    """The words of a line, as T-REx cuts them, and the first and last word of what <e1> and <e2> are around."""
    words, spans = [], {}
    for part in MARKS.split(line):
        if MARKS.fullmatch(part):
            spans.setdefault(part[-2], []).append(len(words) - part.startswith("</"))
        else:
            words += WORDS.findall(part)
    return words, [tuple(spans[e]) for e in sorted(spans)]


def read_relation(words, row, config):
    if isinstance(row, str):
        token, spans = marked(row)
    else:
        token, spans = row["token"], [(row[f"{e}_start"], row[f"{e}_end"]) for e in ("subj", "obj")]
    if len(spans) != 2:
        raise ValueError(f"expected one entity in <e1> and </e1>, another in <e2> and </e2>: {row!r}")
    (subject, object), marks = spans, [words.subject, words.object]
    object_is_outer = object[0] < subject[0] or (object[0] == subject[0] and object[1] > subject[1])
    outer_first = [1, 0] if object_is_outer else [0, 1]
    ids, opens, starts, closes = [words.start], [0, 0], [0, 0], [0, 0]
    for i, tokens in enumerate(words.of(token)):
        for e in outer_first:
            if spans[e][0] == i:
                opens[e] = len(ids)
                ids.append(marks[e])
        for e in range(2):
            if spans[e][0] == i:
                starts[e] = len(ids)
        ids += tokens
        for e in reversed(outer_first):
            if spans[e][1] == i:
                closes[e] = len(ids)
                ids.append(marks[e])
    most, opening = config["max_length"], config["markers_within_max_length"] == "opening"
    if max(opens) >= most if opening else max(closes) + 1 >= most:
        return None
    between = [[i for i in range(starts[e], closes[e]) if i not in (opens[1 - e], closes[1 - e])] for e in range(2)]
    return [(ids[: most - 1] + [words.end], [[i] for i in opens] if config["entity"] == "marker" else between)]


def read_typing(words, row, config):
    if isinstance(row, str):
        before, _, mention, _, after = (MARKS.sub("", part) for part in regex.split("(</?e1>)", row, maxsplit=2))
    else:
        start, end = row["mention_start"], row["mention_end"]
        before, mention, after = row["text"][:start], row["text"][start:end], row["text"][end:]
    ids = [words.start] + words.flat(before)
    place = len(ids)
    ids += words.flat(["@", *mention.split(), "@"])
    if len(ids) >= config["max_length"]:
        return None
    return [((ids + words.flat(after))[: config["max_length"] - 1] + [words.end], [[place]])]


def read_pair(words, row, config):
    if not isinstance(row, dict):
        first, *relation, second = row.split("\t") if isinstance(row, str) else row
    else:
        first, relation, second = row["first"], [row.get("relation", "")], row["second"]
    ids, places = [words.start], []
    for part in (words.flat(text) for text in (first, *filter(str.strip, relation), second)):
        ids += words.separator if len(ids) > 1 else []
        places.append([0] if config["span_pooling"] == "start" else list(range(len(ids), len(ids) + len(part))))
        ids += part
    return None if len(ids) >= config["max_length"] else [(ids + [words.end], [places[0], places[-1]])]


def read_choice(words, row, config):
    context, question = words.flat(row["context"]), words.flat(row["question"])
    inputs = []
    for answer in map(words.flat, row["answers"]):
        room = config["max_length"] - 4 - len(question) - len(answer)
        if room < 0:
            return None
        parts = [words.start, *context[:room], words.end, *question, words.end, *answer, words.end]
        inputs.append((parts, [[0]]))
    return inputs


def read_span(words, row, config):
    front, most = [words.start, *words.flat(row["question"]), words.end], config["max_length"]
    if len(front) + 2 > most:
        return None
    inputs = []
    for paragraph in row["paragraphs"]:
        ids, places = words.placed(paragraph)
        places = [len(front) - 1 + place for place in places]
        inputs.append(((front + ids[1:-1])[: most - 1] + [words.end], [[len(front)], places]))
    return inputs


def read_dependency(words, row, config):
    ids, places = words.placed(row["token"] if isinstance(row, dict) else row)
    return None if len(ids) > config["max_length"] else [(ids, [[place] for place in places[:-1]])]


def read_spans(words, row, config):
    ids, places = words.placed(row["token"])
    whole = [place for place in places if place < config["max_length"]]
    ids, pooling, slots = ids[: whole[-1]] + [words.end], config["span_pooling"], []
    for first, last in zip(row["span_start"], row["span_end"]):
        is_whole = last + 1 < len(whole)  # one that is cut off has no place
        tokens = list(range(whole[first], whole[last + 1])) if is_whole else []
        around = [[tokens[0] - 1], [tokens[-1] + 1]] if is_whole else [[], []]
        slots += {"first": [tokens[:1]], "around": around}.get(pooling, [tokens])
    return [(ids, slots)]


READ = {"relation": read_relation, "typing": read_typing, "pair": read_pair, "choice": read_choice, "span": read_span}
READ |= {"dependency": read_dependency, "labels": read_spans, "link": read_spans}


# From logits to what `ktrain predict` says.


def guesses(logits, names, labels, top, share):
    order = logits.argsort(descending=True, stable=True)[:top].tolist()
    shares = share(logits.double())
    said = [{"label": names[i], "probability": shares[i].item(), "logit": logits[i].item()} for i in order]
    return [{**one, "name": labels[one["label"]]} if one["label"] in labels else one for one in said]


def best_spans(row, inputs, logits):
    """The best span of each paragraph, the one first that is most above its paragraph's score of no answer."""
    found = []
    for number, ((ids, ((first,), places)), score_t2) in enumerate(zip(inputs, logits)):
        start_t, end_t = score_t2[first : len(ids) - 1].double().T
        if len(start_t):
            length_tt = torch.arange(len(start_t))[None] - torch.arange(len(start_t))[:, None]
            sum_tt = (start_t[:, None] + end_t[None]).masked_fill((length_tt < 0) | (length_tt >= 30), -torch.inf)
            start, end = divmod(sum_tt.argmax().item(), len(start_t))
            above = (sum_tt.max() - score_t2[0].double().sum()).item()
            from_word, to_word = (sum(place <= first + at for place in places) for at in (start, end))
            parts = list(regex.finditer(r"\S+", row["paragraphs"][number]))
            text = row["paragraphs"][number][parts[from_word - 1].start() : parts[to_word - 1].end()]
            found.append({"text": text, "paragraph": number, "score": above})
    return sorted(found, key=lambda one: -one["score"])


class KAdapterModel(PreTrainedModel):
    """A backbone with knowledge adapters, none of which sees another, and their prediction heads.

    Backbone, adapters and heads are frozen (`requires_grad`); `model.adapters.requires_grad_(True)` and
    `model.backbone.requires_grad_(True)` let them learn. A frozen adapter has no dropout.
    """

    config_class = KAdapterConfig
    base_model_prefix = "kprep"

    def __init__(self, config):
        super().__init__(config)
        self.backbone = self.tuned = self.words = None
        if config.backbone_config:
            stated = dict(config.backbone_config)
            stated = AutoConfig.for_model(stated.pop("model_type"), **stated)
            self.backbone = AutoModel.from_config(stated, add_pooling_layer=False)
        shapes = [run["backbone"] for run in [*config.runs, config.tuned] if run]
        hidden = shapes[0]["hidden_size"] if shapes else 0  # of all of them
        self.adapters = nn.ModuleList(Adapter(run, hidden) for run in config.runs)
        if config.tuned:
            fusion = Fusion(config.tuned["config"], hidden)
            self.tuned = nn.ModuleDict({"fusion": fusion, "task": Head(config.tuned, hidden, fusion.width)})
        self.post_init()
        self.requires_grad_(False)

    def _init_weights(self, module):
        pass  # torch's own start; everything is loaded

    @classmethod
    def from_pretrained(cls, path, *args, adapters=(), backbone=None, config=None, **kwargs):
        """The model of a backbone's folder and the `adapters` for it, of the folder of one adapter and its `backbone`,
        of the folder of a fine-tuned model, or of what `save_pretrained` wrote; each a folder or a name on the Hub.

        Without a backbone the model reads the `hidden_states` of yours.
        """
        hub = {name: kwargs[name] for name in ("cache_dir", "local_files_only", "revision", "token") if name in kwargs}
        adapters = [adapters] if isinstance(adapters, (str, os.PathLike)) else list(adapters)
        stated = PretrainedConfig.get_config_dict(path, **hub)[0]
        if stated.get("format") != FORMAT and stated.get("model_type") == KAdapterConfig.model_type:
            return super().from_pretrained(path, *args, config=config, **kwargs).read_words(path, **hub)
        if stated.get("format") != FORMAT:  # a backbone
            model, backbone = cls.of_runs([(folder, "") for folder in adapters], **hub), path
        elif stated["config"]["variant"] == "finetune":
            below = [(path, f"adapters/{i}/") for i in range(stated["config"]["adapters"] or 0)]
            model = cls.of_runs(below, path, stated, **hub)
            model.put_on(AutoModel.from_pretrained(path, subfolder="backbone", add_pooling_layer=False, **hub))
            return model.read_words(path, "backbone", **hub)
        else:
            model = cls.of_runs([(folder, "") for folder in (path, *adapters)], **hub)
        if backbone is None:
            return model.eval()
        check_backbone(backbone, model.config.runs)
        return model.put_on(AutoModel.from_pretrained(backbone, add_pooling_layer=False)).read_words(backbone)

    @classmethod
    def of_runs(cls, folders, path=None, tuned=None, **hub):
        """The adapters in these folders, and the heads of the fine-tuned model at `path`, without a backbone."""
        runs, weights = zip(*(read_run(*folder, hub) for folder in folders)) if folders else ((), ())
        model = cls(KAdapterConfig(runs=list(runs), tuned=tuned))
        for adapter, named in zip(model.adapters, weights):
            adapter.load_state_dict({name if name.startswith("adapter.") else f"task.{name}": named[name] for name in named})
        if tuned:
            named = load_file(cached_file(path, "heads.safetensors", **hub))
            short = {name.removeprefix(tuned["config"]["task"] + "."): tensor for name, tensor in named.items()}
            places = {name: name.replace("fusion.", "fusion.layers.") for name in short if name.startswith("fusion.")}
            model.tuned.load_state_dict({places.get(name, f"task.{name}"): tensor for name, tensor in short.items()})
        return model

    def put_on(self, backbone):
        """Gives the model its backbone."""
        self.backbone = backbone.requires_grad_(False)
        self.config.backbone_config = backbone.config.to_dict()
        return self.eval()

    def read_words(self, *where, **hub):
        """Gives the model the backbone's tokenizer."""
        folder, below = (*where, "")[:2]
        path = cached_file(folder, os.path.join(below, "tokenizer.json"), _raise_exceptions_for_missing_entries=False, **hub)
        if path:
            self.words = Words(Tokenizer.from_file(path))
        else:
            self.words = Words(AutoTokenizer.from_pretrained(folder, subfolder=below, **hub).backend_tokenizer)
        return self

    def save_pretrained(self, path, *args, **kwargs):
        super().save_pretrained(path, *args, **kwargs)
        if self.words:
            self.words.tokenizer.save(os.path.join(path, "tokenizer.json"))

    @property
    def pads_to(self):
        """To how many positions inputs are padded for adapters that attend to pads (the released code's)."""
        runs = [self.config.tuned] if self.config.tuned else self.config.runs
        attended = [run["config"] for run in runs if run["config"]["adapter_pads"] == "attended"]
        return attended[0]["max_length"] if attended and self.config.runs else None

    def forward(self, input_ids=None, attention_mask=None, hidden_states=None, token_type_ids=None, **unused):
        """A `KAdapterOutput`. `hidden_states` are those of a backbone that is not the model's own."""
        length = (input_ids if hidden_states is None else hidden_states[-1]).shape[1]
        if hidden_states is None:
            mask_bt = torch.ones_like(input_ids) if attention_mask is None else attention_mask
            hidden_states, mask_bt = self.of_backbone(input_ids, mask_bt, token_type_ids)
        else:
            mask_bt = hidden_states[-1].new_ones(hidden_states[-1].shape[:2]) if attention_mask is None else attention_mask
        outputs = [adapter(hidden_states, mask_bt)[:, :length] for adapter in self.adapters]
        hidden_states = tuple(state[:, :length] for state in hidden_states)
        s = hidden_states[-1]
        features = self.tuned["fusion"](s, outputs) if self.tuned else torch.cat([s, *outputs], -1)
        return KAdapterOutput(s, tuple(outputs), features, hidden_states)

    def of_backbone(self, ids_bt, mask_bt, types_bt):
        """The hidden states of the backbone, and the mask, with pads behind them where adapters attend to pads."""
        if self.backbone is None:
            raise ValueError("the model has no backbone: give from_pretrained(..., backbone=...), or hidden_states")
        stated, types_bt = self.backbone.config, torch.zeros_like(ids_bt) if types_bt is None else types_bt
        more, pad_id = max(0, (self.pads_to or 0) - ids_bt.shape[1]), stated.pad_token_id or 0
        ids_bt = pad(ids_bt, (0, more), value=pad_id)
        mask_bt, types_bt = pad(mask_bt, (0, more)), pad(types_bt, (0, more))
        # BERT counts positions from 0; RoBERTa from behind the pad token's id, which is the position of pads. Where pads
        # are attended, they are counted like tokens.
        counted_bt = torch.ones_like(ids_bt) if self.pads_to else mask_bt.long()
        place_bt = counted_bt.cumsum(1) * counted_bt
        places_bt = (place_bt - 1).clamp(min=0) if stated.model_type == "bert" else place_bt + pad_id
        inputs = {"input_ids": ids_bt, "attention_mask": mask_bt, "token_type_ids": types_bt, "position_ids": places_bt}
        return self.backbone(**inputs, output_hidden_states=True).hidden_states, mask_bt

    @torch.no_grad()
    def batches(self, inputs, batch_size, what):
        """What `what` takes of the output for each input, t x f; inputs of similar lengths are computed together."""
        found, order = {}, sorted(range(len(inputs)), key=lambda i: -len(inputs[i]))
        device = next(self.parameters()).device
        for batch in (order[i : i + batch_size] for i in range(0, len(order), batch_size)):
            longest = len(inputs[batch[0]])
            ids = [inputs[i] + [self.words.pad] * (longest - len(inputs[i])) for i in batch]
            mask = [[1] * len(inputs[i]) + [0] * (longest - len(inputs[i])) for i in batch]
            output = what(self(torch.tensor(ids, device=device), torch.tensor(mask, device=device)))
            found |= {i: row[: len(inputs[i])] for i, row in zip(batch, output)}
        return [found[i] for i in range(len(inputs))]

    def encode(self, texts, max_length=None, batch_size=32):
        """The features of each text, t x f, as `ktrain encode` writes them: [s ; o ; o ...] of all adapters."""
        inputs = [self.words.placed(text)[0] for text in texts]
        if max_length:
            inputs = [ids if len(ids) <= max_length else ids[: max_length - 1] + ids[-1:] for ids in inputs]
        return self.batches(inputs, batch_size, lambda output: torch.cat([output.last_hidden_state, *output.adapter_outputs], -1))

    def logits(self, rows, adapter=None, batch_size=32):
        """What a head says of each row: for each of its inputs the tokens, the positions and the logits. None is too long."""
        head, number = self.head(adapter)
        read = [READ[head.task](self.words, row, head.config) for row in rows]
        inputs = [ids for one in read for ids, _ in one or ()]

        def what(output):
            return output.features if number is None else torch.cat([output.last_hidden_state, output.adapter_outputs[number]], -1)

        features = iter(self.batches(inputs, batch_size, what))
        each = zip(rows, read)
        return [one and [(*pair, head(next(features), pair[1], row)) for pair in one] for row, one in each]

    def head(self, adapter=None):
        """The head of a fine-tuned model, or that of an adapter by its name or number, with the adapter's number."""
        if self.tuned and adapter is None:
            return self.tuned["task"], None
        names = [one.name for one in self.adapters]
        if (adapter is None and len(names) != 1) or (isinstance(adapter, str) and names.count(adapter) != 1):
            raise ValueError(f"which adapter predicts? {adapter!r} is not one of {names}; its number will do, too")
        number = names.index(adapter) if isinstance(adapter, str) else adapter or 0
        if self.adapters[number].task is None:
            raise ValueError(f"the adapter {names[number]} has no prediction head")
        return self.adapters[number].task, number

    def predict(self, rows, adapter=None, top=3, batch_size=32):
        """What `ktrain predict` says of a row, or of each row of a list: the best classes with their probabilities, best
        first; None of a row that is too long. A row is a row of a dataset of the head's task (a dict), or of

        relation, typing: "<e1>Bern</e1> is in <e2>Switzerland</e2>"; typing marks one entity
        pair: "first<TAB>second", "first<TAB>relation<TAB>second" or the two or three phrases
        choice: {"context", "question", "answers"}; span: {"question", "paragraphs"}
        dependency: a sentence; of each word the number of its head, 0 for the root
        labels: {"token", "span_start", "span_end"}; link: and the candidates, if any; a list for each span
        """
        if isinstance(rows, (str, dict)):
            return self.predict([rows], adapter, top, batch_size)[0]
        head = self.head(adapter)[0]
        said = zip(rows, self.logits(rows, adapter, batch_size))
        return [found if found is None else self.in_words(head, row, found, top) for row, found in said]

    def in_words(self, head, row, found, top):
        names, labels = head.run.get("class_names", []), head.run.get("class_labels", {})
        ids, places, logits = ([one[i] for one in found] for i in range(3))
        softmax = lambda logits: logits.softmax(-1)
        if head.task == "span":
            return best_spans(row, list(zip(ids, places)), logits)[:top]
        if head.task == "choice":
            said = guesses(torch.cat([one[0] for one in logits]), range(len(ids)), {}, top, softmax)
            return [{"answer": one.pop("label"), **one, "text": row["answers"][i]} for one in said for i in [one["label"]]]
        if head.task == "dependency":
            return [sum(at >= place for place, in places[0]) for at in logits[0].argmax(-1).tolist()]
        if head.task == "labels":
            sides = len(places[0]) // len(logits[0])
            whole = zip(logits[0], places[0][::sides])
            return [guesses(one, names, labels, top, softmax) if place else None for one, place in whole]
        if head.task == "link":
            known = [[name for of, name, _ in zip(*candidates(row)) if of == i] for i in range(len(logits[0]))]
            all_names = [[*own, None] if own else head.head.names for own in known]
            both = zip(logits[0], all_names)
            return [one if one is None else guesses(one, own, {}, top, softmax) for one, own in both]
        return guesses(logits[0].flatten(), names, labels, top, torch.sigmoid if head.task == "typing" else softmax)


KAdapterConfig.register_for_auto_class()
KAdapterModel.register_for_auto_class("AutoModel")
