"""`make demo`: the bundled sample to datasets, the datasets to adapters, and what came out.

    python3 tests/demo.py --bin target/debug --backbone DIR

Runs the commands of the README on data/sample and stops at the first that fails. Needs the standard library only.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

# An adapter in the small backbone's proportions. The presets are the paper's, for RoBERTa-large and millions of
# sentences; for some thousand short ones the rate is higher, and heads learn by a biaffine scorer and cross-entropy:
# with the paper's linear layer and loss they need far more sentences than these to pass the right-neighbour baseline.
SMALL = "--preset paper --lr 1e-3 --set adapter_hidden_size=192 --set adapter_ffn_size=768 --overwrite"
COMMANDS = [
    "kprep trex data/sample/trex --min-pairs 50 --out data/demo/trex-rc --overwrite",
    "kprep deps data/sample/deps --out data/demo/deps --overwrite",
    "kprep validate data/demo/trex-rc",
    "kprep head data/demo/trex-rc -n 3",
    "kprep head data/demo/deps -n 1",
    "kprep stats data/demo/deps --html data/demo/deps.html",
    "kprep wikidata data/sample/dumps/wikidata.json.gz --out data/demo/wikidata --overwrite",
    "kprep wikipedia data/sample/dumps/wikipedia.xml.bz2 --out data/demo/wikipedia --overwrite",
    "kprep align --wikipedia data/demo/wikipedia --wikidata data/demo/wikidata --out data/demo/aligned --overwrite",
    "kprep head data/demo/aligned -n 1",
    "kprep trex data/demo/aligned --min-pairs 5 --out data/demo/aligned-rc --overwrite",
    f"ktrain train --shards data/demo --only trex-rc --out runs/demo --epochs 2 --batch-size 32 --warmup-steps 50 {SMALL}",
    f"ktrain train --shards data/demo --only aligned-rc --out runs/demo --epochs 4 --batch-size 32 --warmup-steps 20 {SMALL}",
    f"ktrain train --shards data/demo --only deps --out runs/demo --epochs 4 --batch-size 16 --warmup-steps 100 --set parser=biaffine --set parser_loss=cross_entropy {SMALL}",
    "ktrain encode --adapter runs/demo/trex-rc --adapter runs/demo/deps --input tests/data/backbone/sentences.txt --out runs/demo/features.safetensors",
]


def step(command: str, binaries: Path) -> None:
    """Runs a command of the README with the binaries just built."""
    print(f"\n$ {command}", flush=True)
    name, *args = shlex.split(command)
    start = time.perf_counter()
    done = subprocess.run([binaries / name, *args], check=False)
    print(f"({time.perf_counter() - start:.0f} s)", flush=True)
    if done.returncode != 0:
        sys.exit(f"failed with exit code {done.returncode}")


def show(name: str, what: str, baseline: str) -> None:
    """The score on the test split of a finished run beside its baseline."""
    run = Path("runs/demo") / name
    records = [json.loads(text) for text in (run / "training" / "metrics.jsonl").read_text().splitlines()]
    test = next(record for record in reversed(records) if record["kind"] == "test")
    print(f"{what:<38} {test['accuracy']:6.1%}   {baseline:<16} {test['baseline']:6.1%}   {run}/")


def main() -> None:
    parser = argparse.ArgumentParser(description="Run kprep and ktrain on the bundled sample")
    parser.add_argument("--bin", type=Path, required=True, help="folder of the programs")
    parser.add_argument("--backbone", type=Path, required=True, help="folder of the backbone")
    args = parser.parse_args()
    os.environ["KTRAIN_BACKBONE"] = str(args.backbone)
    for command in COMMANDS:
        step(command, args.bin)
    print()
    show("trex-rc", "factual adapter, relation of a pair", "majority")
    show("aligned-rc", "the same, from dumps of our own", "majority")
    show("deps", "linguistic adapter, head of each word", "right neighbour")
    print("each folder holds the adapter, its card and training/curve.svg")
    print(f'to type kprep and ktrain yourself: export PATH="{args.bin.resolve()}:$PATH"')


if __name__ == "__main__":
    main()
