"""The training step of the factual adapter: PyTorch as K-Adapter was released, PyTorch tuned, and ktrain.

    python3 tests/bench/bench_train.py --bin target/release --data ../shared/data --backbone DIR --large DIR --python VENV/bin/python

The same parameters, the same batches, the same machine, one run: ktrain writes what it starts from (`ktrain bench
--export`), torch_loop.py does the very steps, and the losses must agree. Once for the small backbone, once for a
checkpoint of RoBERTa-large's shape with random weights, which is made at --large if it is not there. A step is 128
sentences. Without the real files the sample's relations stand in. --json writes the figures to stdout.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from measure import run

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent.parent / "data" / "sample"
BATCH = 128
# How far losses may lie apart: bf16 and fp32, dropout drawn by another generator.
TOLERANCE = 2e-2


class Machine(NamedTuple):
    """Where things are, and where they run."""

    ktrain: Path
    # A Python that has torch and transformers.
    python: Path
    device: str


def way(machine: Machine, name: str, backbone: Path, batches: Path, *more: str) -> dict:
    """What torch_loop.py says."""
    threads = [] if machine.device != "cpu" else ["--threads", len(os.sched_getaffinity(0))]
    loop = [machine.python, HERE / "torch_loop.py", name, "--backbone", backbone, "--batches", batches]
    return json.loads(run([*loop, "--device", machine.device, *threads, *more]).output.splitlines()[-1])


def compare(machine: Machine, shards: Path, backbone: Path, steps: int, work: Path) -> dict:
    """The ways of doing the same steps; each with examples and tokens a second, and what of the machine that is."""
    export = work / "export"
    ktrain = [machine.ktrain, "bench", "--preset", "paper", "--shards", shards, "--backbone", backbone, "--set", f"batch_size={BATCH}"]
    own = json.loads(run([*ktrain, "--device", machine.device, "--steps", steps, "--export", export, "--json", "--quiet"]).output)["bench"][0]
    per_example = own["step_tokens_per_second"] / own["step_examples_per_second"]
    per_token = own["operations_per_second"] / own["step_tokens_per_second"]
    rows = {}
    if machine.python.is_file():
        ways = {"PyTorch, the released way": ("released",), "PyTorch tuned": ("tuned",), "PyTorch tuned, shuffled": ("tuned", "--shuffle")}
        for label, (name, *more) in ways.items():
            there = way(machine, name, backbone, export, *more)
            rows[label] = {"examples": BATCH * steps / there["seconds"], "peak": there["peak_mb"], "losses": there["losses"], "waiting": None}
    rows["ktrain"] = {
        "examples": own["step_examples_per_second"],
        "peak": own["peak_memory_mb"],
        "losses": own["losses"],
        "waiting": own["waited_for_data"],
    }
    for row in rows.values():
        row["tokens"] = row["examples"] * per_example
        row["share"] = row["tokens"] * per_token / own["matmul_operations_per_second"]
    return {"tokens_a_sentence": per_example, "matmul": own["matmul_operations_per_second"], "rows": rows}


def table(what: str, found: dict) -> None:
    """For people."""
    rows = found["rows"]
    print(f"\n{what}: {found['tokens_a_sentence']:.1f} tokens a sentence, one product reaches {found['matmul'] / 1e9:.0f} GFLOP/s")
    print(f"  {'':<26}{'examples/s':>11}{'tokens/s':>10}{'of matmul':>11}{'peak MB':>9}{'waiting':>9}{'times as fast':>15}", flush=True)
    base = next(iter(rows.values()))["examples"]
    for label, row in rows.items():
        waiting = "" if row["waiting"] is None else f"{row['waiting']:.1%}"
        print(
            f"  {label:<26}{row['examples']:>11.1f}{row['tokens']:>10.0f}{row['share']:>11.1%}{row['peak']:>9.0f}{waiting:>9}"
            f"{row['examples'] / base:>15.2f}"
        )
    print("  loss at each step")
    for label, row in rows.items():
        if "shuffled" not in label:
            print(f"  {label:<26}" + "".join(f"{loss:9.4f}" for loss in row["losses"]), flush=True)


def apart(found: dict) -> float:
    """How far the losses of the ways lie apart at most."""
    curves = [row["losses"] for label, row in found["rows"].items() if "shuffled" not in label]
    return max(max(at) - min(at) for at in zip(*curves))


def bench_train(machine: Machine, kprep: Path, data: Path, small: Path, large: Path, steps: int, work: Path) -> dict:
    """Both backbones; ends the program where losses do not agree."""
    evidence = data / "trex" / "evidence"
    source = evidence if evidence.is_dir() else SAMPLE / "trex"
    run([kprep, "trex", source, "--out", work / "shards" / "trex-rc", "--quiet"])
    if machine.python.is_file():
        run([machine.python, HERE / "make_large.py", large, small])
    else:
        print("\nno PyTorch here (see tests/bench/requirements-torch.txt): its rows and the large backbone are left out")
    found = {}
    for what, backbone, count in [(small.name, small, steps), (large.name, large, max(steps // 2, 1))]:
        if backbone.is_dir():
            found[what] = compare(machine, work / "shards", backbone, count, work / what)
            table(f"ktrain's step, factual adapter, batches of {BATCH}, {what}, {machine.device}", found[what])
            if apart(found[what]) > TOLERANCE:
                sys.exit(f"{what}: the losses lie {apart(found[what]):.3f} apart, expected {TOLERANCE} at most")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="The training step beside PyTorch")
    parser.add_argument("--bin", type=Path, required=True, help="folder of the release binaries")
    parser.add_argument("--data", type=Path, required=True, help="folder of the real files")
    parser.add_argument("--backbone", type=Path, required=True, help="the small backbone")
    parser.add_argument("--python", type=Path, required=True, help="a Python with requirements-torch.txt's packages")
    parser.add_argument("--large", type=Path, required=True, help="where the checkpoint of RoBERTa-large's shape is, or goes")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=6, help="steps to measure; half of them on the large backbone")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    machine = Machine(args.bin / "ktrain", args.python, args.device)
    stdout = sys.stdout
    if args.json:
        sys.stdout = sys.stderr
    with tempfile.TemporaryDirectory() as work:
        found = bench_train(machine, args.bin / "kprep", args.data, args.backbone, args.large, args.steps, Path(work))
    if args.json:
        json.dump(found, stdout, indent=1)
        stdout.write("\n")


if __name__ == "__main__":
    main()
