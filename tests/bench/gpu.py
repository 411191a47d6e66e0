"""Everything that ktrain promises of a GPU, checked and measured in one command on a machine that has one.

    python3 tests/bench/gpu.py --bin target/release --backbone DIR --large DIR --data ../shared/data [--python PYTHON]

PYTHON has torch 2.11 with CUDA and transformers (this one, unless told otherwise); the binaries may come from another
machine: libtorch is then the one in PYTHON's torch. With `--device cpu` all of it runs without a GPU, but for the
checks that are about CUDA, which say so. Ends with exit code 1 if a check fails.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_train import BATCH, SAMPLE, TOLERANCE, Machine, compare, table
from measure import run

# How much further from fp32 ktrain's bf16 may lie than transformers' does. bf16 itself costs 1e-2 of the hidden states'
# length over 6 to 24 layers, whoever computes.
BF16_MARGIN = 1.1
# On an H100, RoBERTa-large's shape, batches of 128.
EXAMPLES_A_SECOND = 10_000
TIMES_TUNED = 2.0

# Distances from transformers' fp32 on the CPU, as shares of the hidden states' length: of each file, and of transformers' bf16.
PARITY_SCRIPT = """
import sys, torch
from safetensors.torch import load_file
from transformers import AutoModel, PreTrainedTokenizerFast
from transformers.utils import logging
logging.set_verbosity_error(); logging.disable_progress_bar()
backbone, text, device, *files = sys.argv[1:]
tokenizer = PreTrainedTokenizerFast(tokenizer_file=backbone + "/tokenizer.json")
lines = [torch.tensor([tokenizer(line.rstrip("\\n"))["input_ids"]]) for line in open(text, encoding="utf-8")]

def states(kind, device):
    model = AutoModel.from_pretrained(backbone, add_pooling_layer=False, dtype=kind).eval().to(device)
    with torch.no_grad():
        return torch.cat([model(ids.to(device)).last_hidden_state[0].float().cpu() for ids in lines])

expected = states(torch.float32, "cpu")
found = [torch.cat([load_file(file)[str(i)] for i in range(len(lines))]) for file in files]
for hidden in [*found, states(torch.bfloat16, device)]:
    print(((hidden - expected).norm() / expected.norm()).item())
"""


class Checks:
    """What was found, and whether all of it is as it should be."""

    def __init__(self) -> None:
        self.failed = 0

    def check(self, what: str, passed: bool) -> None:
        self.failed += not passed
        print(f"  {'ok    ' if passed else 'FAILED'} {what}", flush=True)

    def skip(self, what: str) -> None:
        print(f"  left out: {what}", flush=True)


def opens_cuda(checks: Checks, ktrain: Path, device: str, command: list[str]) -> None:
    """CUDA is no dependency of the program: it is opened when it is asked for, and not otherwise."""
    needed = subprocess.run(["readelf", "-d", ktrain], capture_output=True, text=True, check=True).stdout
    libraries = [line for line in needed.splitlines() if "NEEDED" in line]
    checks.check("the program is linked without CUDA", bool(libraries) and "cuda" not in "".join(libraries))
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL) as running:
        mapped = False
        while running.poll() is None:
            try:
                mapped |= "libtorch_cuda.so" in Path(f"/proc/{running.pid}/maps").read_text()
            except OSError:
                break
            time.sleep(0.02)
    checks.check(f"with --device {device} it ran", running.returncode == 0)
    opened = device.startswith("cuda")
    checks.check(f"and libtorch_cuda.so was {'opened' if opened else 'not opened'}", mapped == opened)


def parity(checks: Checks, machine: Machine, backbone: Path, work: Path) -> None:
    """`ktrain encode` in bf16 on the device, and in fp32 on the CPU, beside transformers."""
    text = work / "sentences.txt"
    marked = (SAMPLE / "deps" / "parses.conllu").read_text(encoding="utf-8").split("# text = ")[1:33]
    text.write_text("".join(part.partition("\n")[0] + "\n" for part in marked), encoding="utf-8")
    files = []
    for device, precision in [("cpu", "fp32"), (machine.device, "bf16")]:
        files.append(work / f"{precision}.safetensors")
        encode = [machine.ktrain, "encode", "--backbone", backbone, "--input", text, "--out", files[-1]]
        run([*encode, "--device", device, "--precision", precision, "--quiet"])
    script = work / "parity.py"
    script.write_text(PARITY_SCRIPT)
    found = run([machine.python, script, backbone, text, machine.device, *files]).output.split()
    fp32, bf16, theirs = map(float, found)
    checks.check(f"{backbone.name}, fp32 on the CPU: {fp32:.1e} from transformers, 1e-5 at most", fp32 <= 1e-5)
    what = f"{backbone.name}, bf16 on {machine.device}: {bf16:.2e} from fp32, transformers' bf16 {theirs:.2e}"
    checks.check(what, bf16 <= BF16_MARGIN * theirs)


def curve(checks: Checks, machine: Machine, command: list, steps: int) -> None:
    """The losses of the same steps on the device and on the CPU."""
    curves = {}
    for device in ("cpu", machine.device):
        done = json.loads(run([*command, "--device", device, "--steps", steps, "--json", "--quiet"]).output)
        curves[device] = done["bench"][0]["losses"]
        print(f"  loss on {device:<8}" + "".join(f"{loss:9.4f}" for loss in curves[device]), flush=True)
    apart = max(abs(a - b) for a, b in zip(curves["cpu"], curves[machine.device]))
    checks.check(f"losses on {machine.device} and the CPU lie {apart:.1e} apart, {TOLERANCE} at most", apart <= TOLERANCE)


def speed(checks: Checks, machine: Machine, backbone: Path, shards: Path, steps: int, work: Path) -> None:
    """`make bench-train`'s table on the device."""
    found = compare(machine, shards, backbone, steps, work)
    table(f"factual adapter, batches of {BATCH}, {backbone.name}, {machine.device}", found)
    rows = found["rows"]
    own, tuned = rows["ktrain"]["examples"], rows["PyTorch tuned, shuffled"]["examples"]
    apart = max(max(at) - min(at) for at in zip(*(rows[way]["losses"] for way in ("PyTorch tuned", "ktrain"))))
    checks.check(f"losses of PyTorch and ktrain lie {apart:.1e} apart, {TOLERANCE} at most", apart <= TOLERANCE)
    if machine.device == "cpu":
        checks.skip(f"the targets on an H100: {EXAMPLES_A_SECOND} examples/s, {TIMES_TUNED} times PyTorch tuned and padded")
        return
    checks.check(f"{own:.0f} examples/s, {EXAMPLES_A_SECOND} at least", own >= EXAMPLES_A_SECOND)
    checks.check(f"{own / tuned:.2f} times PyTorch tuned and padded, {TIMES_TUNED} at least", own >= TIMES_TUNED * tuned)


def main() -> None:
    parser = argparse.ArgumentParser(description="What ktrain promises of a GPU, checked in one command")
    parser.add_argument("--bin", type=Path, required=True, help="folder of the release binaries")
    parser.add_argument("--backbone", type=Path, required=True, help="the small backbone")
    parser.add_argument("--large", type=Path, required=True, help="where the checkpoint of RoBERTa-large's shape is, or goes")
    parser.add_argument("--data", type=Path, required=True, help="folder of the real files")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="a Python with torch and transformers")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--steps", type=int, default=50, help="steps to measure")
    args = parser.parse_args()
    torch = run([args.python, "-c", "import torch; print(torch.__path__[0])"]).output.strip()
    os.environ["LD_LIBRARY_PATH"] = f"{torch}/lib"
    machine, checks = Machine(args.bin / "ktrain", args.python, args.device), Checks()
    evidence = args.data / "trex" / "evidence"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shards = work / "shards"
        run([args.bin / "kprep", "trex", evidence if evidence.is_dir() else SAMPLE / "trex", "--out", shards / "trex-rc", "--quiet"])
        run([args.python, Path(__file__).with_name("make_large.py"), args.large, args.backbone])
        bench = [machine.ktrain, "bench", "--shards", shards, "--set", f"batch_size={BATCH}", "--backbone"]
        opens_cuda(checks, machine.ktrain, args.device, [*bench, args.backbone, "--device", args.device, "--steps", 2, "--quiet"])
        for backbone in (args.backbone, args.large):
            parity(checks, machine, backbone, work)
        curve(checks, machine, [*bench, args.backbone], min(args.steps, 20))
        speed(checks, machine, args.large, shards, args.steps, work / "export")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
