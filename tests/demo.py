"""`make demo`: the bundled sample to datasets, the datasets to adapters, and what came out.

    python3 tests/demo.py --bin target/release --backbone DIR

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

# {epochs} and the learning rates suit some thousand short sentences; the presets are the paper's, for millions.
COMMANDS = [
    "kprep trex data/sample/trex --min-pairs 50 --out data/demo/trex-rc --overwrite",
    "kprep deps data/sample/deps --out data/demo/deps --overwrite",
    "kprep validate data/demo/trex-rc",
    "kprep head data/demo/trex-rc -n 3",
    "kprep head data/demo/deps -n 1",
    "ktrain --shards data/demo --only trex-rc --out runs/demo --epochs 3 --lr 5e-4 --batch-size 64 --overwrite",
    "ktrain --shards data/demo --only deps --out runs/demo --epochs 4 --lr 1e-3 --batch-size 32 --overwrite",
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


def show(name: str, what: str) -> None:
    """The last line of a run's metrics, with its baseline."""
    run = Path("runs/demo") / name
    records = [json.loads(text) for text in (run / "training" / "metrics.jsonl").read_text().splitlines()]
    print(f"{what:<40} {json.dumps(records[-1])}")
    print(f"{'':<40} adapter and curve in {run}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Run kprep and ktrain on the bundled sample")
    parser.add_argument("--bin", type=Path, required=True, help="folder of the release binaries")
    parser.add_argument("--backbone", type=Path, required=True, help="folder of the backbone")
    args = parser.parse_args()
    os.environ["KTRAIN_BACKBONE"] = str(args.backbone)
    for command in COMMANDS:
        step(command, args.bin)
    print()
    show("trex-rc", "factual adapter (relation of a pair)")
    show("deps", "linguistic adapter (head of each word)")


if __name__ == "__main__":
    main()
