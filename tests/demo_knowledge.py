"""`make demo-knowledge`: eight adapters, one after the other, on one backbone that stays as it is.

    python3 tests/demo_knowledge.py --bin target/debug --backbone DIR [--wordnet DIR]

Builds a dataset for each kind of knowledge from data/sample (with --wordnet from a real WordNet), trains an adapter on each,
and compares the checksums of the backbone and of all earlier adapters after each training. Then it fine-tunes the backbone on one
task: alone, with each adapter, and with all. Stops at the first command that fails. Needs the standard library only.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path

from demo import SMALL, step

DATA = "data/demo-knowledge"
RUNS = "runs/demo-knowledge"
SOURCES = [
    f"kprep trex data/sample/trex --min-pairs 50 --out {DATA}/trex-rc --overwrite",
    f"kprep deps data/sample/deps --out {DATA}/deps --overwrite",
    f"kprep wikidata data/sample/dumps/wikidata.json.gz --out {DATA}/sources/wikidata --overwrite",
    f"kprep wikipedia data/sample/dumps/wikipedia.xml.bz2 --out {DATA}/sources/wikipedia --overwrite",
    f"kprep align --wikipedia {DATA}/sources/wikipedia --wikidata {DATA}/sources/wikidata --out {DATA}/sources/aligned --overwrite",
    f"kprep trex {DATA}/sources/aligned --min-pairs 5 --out {DATA}/sources/aligned-rc --overwrite",
    f"kprep wordnet WORDNET --out {DATA}/sources/wordnet --overwrite",
    f"kprep graph data/sample/graph/graph.obo --out {DATA}/sources/graph --overwrite",
    f"kprep knowledge synonyms --wordnet {DATA}/sources/wordnet --out {DATA}/libert --overwrite",
    f"kprep knowledge facts --graph {DATA}/sources/graph --min-facts 2 --out {DATA}/bert-mk --overwrite",
    f"kprep knowledge supersenses --wordnet {DATA}/sources/wordnet --out {DATA}/sensebert --overwrite",
    f"kprep knowledge replaced --aligned {DATA}/sources/aligned --wikidata {DATA}/sources/wikidata --out {DATA}/wklm --overwrite",
    f"kprep knowledge links --wordnet {DATA}/sources/wordnet --out {DATA}/knowbert --overwrite",
    f"kprep knowledge links --aligned {DATA}/sources/aligned --wikidata {DATA}/sources/wikidata --candidates none --out {DATA}/ernie"
    " --overwrite",
]
# What each adapter learns, and what it needs beside the defaults of its objective.
ADAPTERS = {
    "trex-rc": ("factual (K-Adapter): the relation of a pair", "--warmup-steps 50"),
    "deps": ("linguistic (K-Adapter): the head of each word", "--set parser=biaffine --set parser_loss=cross_entropy"),
    "libert": ("LIBERT: are two words related?", ""),
    "bert-mk": ("BERT-MK: is this fact real?", ""),
    "sensebert": ("SenseBERT: the supersense of a masked word", ""),
    "wklm": ("WKLM: was this entity replaced?", ""),
    "knowbert": ("KnowBERT: which sense is meant?", ""),
    "ernie": ("ERNIE: which entity is this?", ""),
}


def checksum(path: Path) -> str:
    """SHA-256 of a file, or of the files below a folder, by name."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    together = hashlib.sha256()
    for file in files:
        if file.is_file():
            together.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return together.hexdigest()


def weights(name: str) -> Path:
    return Path(RUNS) / name / "adapter.safetensors"


def trained(name: str) -> str:
    """The score on test, or validation where there is no test, beside its baseline; a small dataset may have neither."""
    text = (Path(RUNS) / name / "training" / "metrics.jsonl").read_text()
    records = [json.loads(line) for line in text.splitlines()]
    scored = [record for record in records if record["kind"] in ("validation", "test")]
    what = ADAPTERS[name][0]
    if not scored:
        return f"{what:<48} its dataset has rows for training alone"
    last, of = scored[-1], scored[-1]["kind"]
    return f"{what:<48} {last['accuracy']:6.1%}   baseline {last['baseline']:6.1%}   ({of})"


def main() -> None:
    parser = argparse.ArgumentParser(description="Eight kinds of knowledge, an adapter each, on one backbone")
    parser.add_argument("--bin", type=Path, required=True, help="folder of the programs")
    parser.add_argument("--backbone", type=Path, required=True, help="folder of the backbone")
    parser.add_argument("--wordnet", default="data/sample/wordnet", help="folder of a wordnet")
    parser.add_argument("--max-steps", type=int, default=150, help="steps of each adapter and each row")
    args = parser.parse_args()
    os.environ["KTRAIN_BACKBONE"] = str(args.backbone)
    for command in SOURCES:
        step(command.replace("WORDNET", str(args.wordnet)), args.bin)

    before = {"the backbone": (args.backbone, checksum(args.backbone))}
    for name, (_, flags) in ADAPTERS.items():
        common = f"--out {RUNS} --batch-size 32 --max-steps {args.max_steps} {SMALL}"
        step(f"ktrain train --shards {DATA}/{name} {flags} {common}", args.bin)
        for what, (path, sum_before) in before.items():
            if checksum(path) != sum_before:
                sys.exit(f"training {name} changed {what}")
        print(f"unchanged after {name}: {', '.join(before)}", flush=True)
        before[name] = (weights(name), checksum(weights(name)))

    named = " ".join(f"--adapter {name}={RUNS}/{name}" for name in ADAPTERS)
    rows = ",".join(["backbone", *ADAPTERS, "+".join(ADAPTERS)])
    step(
        f"ktrain finetune --data {DATA}/sources/aligned-rc {named} --rows {rows} --set fusion=project --max-steps {args.max_steps} --lr 1e-4"
        f" --batch-size 32 --out {RUNS}/aligned-rc --overwrite",
        args.bin,
    )
    for what, (path, sum_before) in before.items():
        if checksum(path) != sum_before:
            sys.exit(f"fine-tuning changed {what}")
    print("\n" + "\n".join(trained(name) for name in ADAPTERS))
    print("the backbone and all adapters are the same files, byte for byte, as before")


if __name__ == "__main__":
    main()
