"""The adapters of ktrain in PyTorch: `python/kprep/modeling_kprep.py` beside `ktrain encode` and `ktrain predict`.

    python3 tests/python/check.py make DIR --bin target/debug       trains a tiny adapter for each option of an adapter
    python3 tests/python/check.py compare DIR                       loads each with transformers and compares

The second is for each version of transformers on PYTHONPATH; it needs no other package than those that a user has. All
numbers must agree to 1e-5.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE, TASKS, BACKBONES = ROOT / "data" / "sample", ROOT / "tests" / "data" / "tasks", ROOT / "tests" / "data" / "backbone"
NEAR = 1e-5

DATASETS = [
    ["trex", SAMPLE / "trex", "--out", "all-rc"],
    ["sample", "all-rc", "--rows", "400", "--out", "trex-rc"],
    ["deps", SAMPLE / "deps", "--out", "all-deps"],
    ["sample", "all-deps", "--rows", "100", "--out", "deps"],
    ["wordnet", SAMPLE / "wordnet", "--out", "wordnet"],
    ["knowledge", "synonyms", "--wordnet", "wordnet", "--out", "synonyms"],
    ["knowledge", "supersenses", "--wordnet", "wordnet", "--out", "supersenses"],
    ["knowledge", "links", "--wordnet", "wordnet", "--out", "links"],
    ["task", "figer", TASKS / "figer_train.data", "--test-file", TASKS / "figer.label", "--labels", TASKS / "types.map"]
    + ["--out", "figer", "--max-errors", "9"],
    ["task", "cosmosqa", "--train-file", TASKS / "cosmosqa_valid.csv", "--out", "cosmosqa", "--max-errors", "9"],
    ["task", "searchqa", TASKS / "searchqa", "--validation-file", TASKS / "mrqa.jsonl", "--out", "searchqa"]
    + ["--max-errors", "9"],
]

RELEASED = ["--preset", "released"]
# Name -> dataset, backbone, and what differs from the paper's adapter.
ADAPTERS = {
    "paper": ("trex-rc", "bert", []),
    "on-roberta": ("trex-rc", "roberta", []),
    "on-xlm-roberta": ("trex-rc", "xlm-roberta", []),
    "released": ("trex-rc", "roberta", RELEASED),
    "released-deps": ("deps", "roberta", RELEASED),
    "markers": ("trex-rc", "bert", ["entity=marker", "markers_within_max_length=opening", "relation_head=stacked"]),
    "before": ("trex-rc", "bert", ["adapter_plug=before", "adapter_fuse=add"]),
    "two-layers": ("trex-rc", "bert", ["adapter_plug=0,3", "adapter_layers=2", "adapter_transformer_layers=1"]),
    "one-layer": ("trex-rc", "roberta", ["adapter_layers=1", "adapter_transformer_layers=3", "adapter_layer_norm_eps=1e-3"]),
    "attended": ("trex-rc", "bert", ["adapter_pads=attended"]),
    "random": ("trex-rc", "bert", ["--variant", "random"]),
    "linear-parser": ("deps", "bert", []),
    "biaffine": ("deps", "bert", ["parser=biaffine", "parser_loss=cross_entropy", "biaffine_size=24"]),
    "released-parser": ("deps", "bert", ["parser=released"]),
    "pairs": ("synonyms", "bert", []),
    "pairs-at-start": ("synonyms", "roberta", ["span_pooling=start"]),
    "labels": ("supersenses", "bert", ["mask_words=0"]),
    "labels-around": ("supersenses", "bert", ["mask_words=0", "span_pooling=around"]),
    "labels-mean": ("supersenses", "bert", ["mask_words=0", "span_pooling=mean"]),
    "links-text": ("links", "bert", []),
    "links-margin": ("links", "bert", ["link_loss=margin", "link_prior=none", "span_pooling=mean"]),
    "links-learned": ("links", "bert", ["vectors=learned", "vector_size=8", "span_pooling=first"]),
}
# Name -> dataset, adapters, and settings.
TUNED = {
    "tuned-alone": ("trex-rc", [], []),
    "tuned-concat": ("trex-rc", ["paper", "biaffine"], []),
    "tuned-project": ("trex-rc", ["paper", "biaffine"], ["fusion=project", "relation_head=stacked"]),
    "tuned-project-one": ("trex-rc", ["paper"], ["fusion=project"]),
    "tuned-attention": ("trex-rc", ["paper", "biaffine"], ["fusion=attention"]),
    "tuned-gate": ("trex-rc", ["paper", "biaffine"], ["fusion=gate"]),
    "tuned-attended": ("trex-rc", ["attended"], []),
    "tuned-figer": ("figer", ["paper"], []),
    "tuned-cosmosqa": ("cosmosqa", ["paper"], []),
    "tuned-searchqa": ("searchqa", ["paper"], []),
}
SMALL = ["adapter_hidden_size=32", "adapter_attention_heads=4", "adapter_ffn_size=64", "adapter_init_std=0.02"]
ENCODED = ["Paris is the capital of France.", "", "The river Danube flows   into the Black Sea.", "word", "naïve café, Москва 東京 😀"]
MARKED = [
    "<e1>Paris</e1> is the capital of <e2>France</e2>.",
    "It's <e2>the novel <e1>Emma</e1></e2>, by Jane.",
    "Of <e2>Café-Zürich</e2> and of the <e1>river Danube</e1> — no.",
    "<e1>Gold</e1> <e2>Au</e2>",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z <e1>Gold</e1> is too far behind <e2>Au</e2> to be read",
]
PAIRS = [{"first": "sofa", "second": "couch"}, {"first": "gold ring", "relation": "part of", "second": "river"}]
CHOICES = [{"context": "The river flows. " * n, "question": "What flows?", "answers": ["river", "no one", "gold"][: n + 1]} for n in (1, 2, 9)]
QUESTIONS = [
    {"question": "Which river?", "paragraphs": ["The river Danube flows into the sea.", "Gold.", ""]},
    {"question": "What is gold?", "paragraphs": ["A metal, " * 9]},
    {"question": "what " * 40, "paragraphs": ["too long"]},
    {"question": "None?", "paragraphs": []},
]
INPUTS = {"relation": MARKED, "typing": MARKED, "pair": PAIRS, "choice": CHOICES, "span": QUESTIONS}


def backbone(name: str) -> Path:
    return BACKBONES / f"{name}-tiny"


def settings(changes: list[str]) -> list[str]:
    flags = [flag for flag in changes if "=" not in flag]
    return flags + [part for change in changes if "=" in change for part in ("--set", change)]


def make(work: Path, binaries: Path) -> None:
    """Datasets, adapters and fine-tuned models, and what ktrain says with each of them."""
    work.mkdir(parents=True)
    os.chdir(work)

    def run(program: str, *args: object) -> str:
        done = subprocess.run([binaries / program, *args], stdout=subprocess.PIPE, text=True)
        check(f"{program} {' '.join(map(str, args))}", done.returncode == 0)
        return done.stdout

    for dataset in DATASETS:
        run("kprep", *dataset, "--quiet")
    usual = ["--max-steps", "3", "--batch-size", "16", "--lr", "3e-3", "--max-length", "40", "--precision", "fp32"]
    usual += ["--threads", "1", "--quiet"]
    for name, (dataset, on, changes) in ADAPTERS.items():
        flags = ["--shards", dataset, "--backbone", backbone(on), *usual, *settings(SMALL), *settings(changes)]
        run("ktrain", "train", *flags, "--out", "trained")
        (found,) = Path("trained").iterdir()
        found.rename(name)
    for name, (dataset, adapters, changes) in TUNED.items():
        beside = [part for adapter in adapters for part in ("--adapter", adapter)]
        flags = ["--data", dataset, "--backbone", backbone("bert"), *usual, "--warmup-steps", "0", *settings(changes)]
        run("ktrain", "finetune", *flags, *beside, "--out", name)
    Path("text").write_text("".join(f"{line}\n" for line in ENCODED))
    for name, (_, on, _) in ADAPTERS.items():
        flags = ["--input", "text", "--backbone", backbone(on), "--precision", "fp32", "--threads", "1", "--quiet"]
        run("ktrain", "encode", "--adapter", name, *flags, "--out", f"{name}.safetensors")
        if name == "paper":
            run("ktrain", "encode", "--adapter", name, "--adapter", "biaffine", *flags, "--out", "both.safetensors")
    for name, task in tasks():
        if task in INPUTS:
            lines = (row if isinstance(row, str) else json.dumps(row) for row in INPUTS[task])
            Path("input").write_text("".join(f"{line}\n" for line in lines))
            on = ADAPTERS[name][1] if name in ADAPTERS else "bert"
            flags = ["--input", "input", "--backbone", backbone(on), "--precision", "fp32", "--threads", "1", "--top", "9"]
            said = run("ktrain", "predict", "--model", name, *flags, "--json", "--quiet")
            Path(f"{name}.jsonl").write_text(said)


def tasks() -> Iterator[tuple[str, str]]:
    """Each model and its task."""
    for name in [*ADAPTERS, *TUNED]:
        yield name, json.loads(Path(name, "config.json").read_text())["config"]["task"]


def check(what: str, passed: bool) -> None:
    if not passed:
        sys.exit(f"FAILED: {what}")


def compare(work: Path) -> None:
    os.chdir(work)
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_MODULES_CACHE=str(work / ".modules"))
    sys.path.insert(0, str(ROOT / "python"))
    from comparison import compare_all

    compare_all()


def main() -> None:
    parser = argparse.ArgumentParser(description="ktrain's adapters in PyTorch")
    parser.add_argument("what", choices=["make", "compare"])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--bin", type=Path, help="folder of kprep and ktrain")
    args = parser.parse_args()
    if args.what == "make":
        make(args.dir.resolve(), args.bin.resolve())
    else:
        compare(args.dir.resolve())


if __name__ == "__main__":
    main()
