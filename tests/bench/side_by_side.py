"""The table of `make bench`: each command beside what a user would pick in its place and beside the floor, in alternating runs.

A ratio is between runs of the same round, so that it holds where the speed of the machine drifts; the median of the rounds
is what counts. Figures of the same kind of machine lie in tests/bench/figures; what became slower beside its peers since
then is marked.
"""

import json
import os
import platform
import re
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from measure import Command, Run, tried

FIGURES = Path(__file__).resolve().parent / "figures"
ROUNDS = 5
# A ratio that is smaller by so much is marked.
FALLEN = 0.9
# Instructions that decide how fast a processor is here.
FLAGS = ["amx_bf16", "avx512_bf16", "avx512f", "avx2"]


@dataclass
class Way:
    """One way to do the work: a command, and how much of the input it reads, in the row's unit."""

    name: str
    command: Command
    amount: float
    # What it must have printed.
    prints: str = ""
    # Slow ways run in the first rounds alone.
    rounds: int = ROUNDS


@dataclass
class Row:
    """A command of ours, what else does the same, and the least that has to be done."""

    input: str
    unit: str
    ours: Way
    peers: list[Way] = field(default_factory=list)
    floor: Way | None = None
    rounds: int = ROUNDS


def machine() -> dict:
    """What the figures depend on."""
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", text)
    flags = set(re.search(r"flags\s*: (.*)", text)[1].split()) if "flags" in text else set()
    return {
        "processor": model[1] if model else platform.processor(),
        "instructions": next((flag for flag in FLAGS if flag in flags), "none of these"),
        "cores": len(os.sched_getaffinity(0)),
    }


def measure(row: Row) -> dict:
    """Runs all ways of a row in alternation."""
    ways = {"ours": row.ours, **{f"peer {i}": peer for i, peer in enumerate(row.peers)}}
    if row.floor:
        ways["floor"] = row.floor
    runs: dict[str, list[Run]] = {key: [] for key in ways}
    failed = set()
    for turn in range(row.rounds):
        for key, way in ways.items():
            if turn >= way.rounds:
                continue
            found = None if key in failed else tried(way.command)
            if found is None or way.prints not in found.output:
                failed.add(key)
            else:
                runs[key].append(found)
    for key in failed:
        print(f"\n{ways[key].name}: left out, it failed or is not there")
    if "ours" in failed:
        raise SystemExit(f"{' '.join(map(str, row.ours.command))}: it failed, or did not print {row.ours.prints!r}")
    figures = {"command": row.ours.name, "input": row.input, "unit": row.unit, "ours": figure(row.ours, runs["ours"]), "peers": []}
    for i, peer in enumerate(row.peers):
        key = f"peer {i}"
        if key not in failed:
            figures["peers"].append({"name": peer.name, **figure(peer, runs[key]), "times": times(row.ours, runs["ours"], peer, runs[key])})
    if row.floor and "floor" not in failed:
        # Of one thread or of several: processor time is what compares.
        pairs = zip(runs["ours"], runs["floor"])
        cost = median((a.cpu_seconds / row.ours.amount) / (b.cpu_seconds / row.floor.amount) for a, b in pairs)
        figures["floor"] = {"name": row.floor.name, **figure(row.floor, runs["floor"]), "times": cost}
    return figures


def figure(way: Way, runs: list[Run]) -> dict:
    return {
        "speed": median(way.amount / r.seconds for r in runs),
        "seconds": median(r.seconds for r in runs),
        "cpu_seconds": median(r.cpu_seconds for r in runs),
        "peak_mb": max(r.peak_mb for r in runs),
    }


def times(ours: Way, our_runs: list[Run], peer: Way, peer_runs: list[Run]) -> float:
    """How many times as fast as a peer."""
    return median((ours.amount / a.seconds) / (peer.amount / b.seconds) for a, b in zip(our_runs, peer_runs))


def show(figures: dict, before: dict | None) -> None:
    """A row of the table for people."""
    ours, unit = figures["ours"], figures["unit"]
    print(f"\n{figures['command']}: {figures['input']}")
    print(f"  {'':<44} {unit + '/s':>10} {'seconds':>9} {'CPU s':>9} {'MB':>7}")
    print(f"  {'ours':<44} {ours['speed']:10.4g} {ours['seconds']:9.2f} {ours['cpu_seconds']:9.2f} {ours['peak_mb']:7.0f}")
    known = {peer["name"]: peer["times"] for peer in (before or {}).get("peers", [])}
    for peer in figures["peers"]:
        fallen = peer["times"] < FALLEN * known.get(peer["name"], 0)
        mark = f"   SLOWER: was {known[peer['name']]:.2f} x" if fallen else ""
        print(
            f"  {peer['name']:<44} {peer['speed']:10.4g} {peer['seconds']:9.2f} {peer['cpu_seconds']:9.2f} {peer['peak_mb']:7.0f}"
            f"   we are {peer['times']:.2f} x as fast{mark}"
        )
    if floor := figures.get("floor"):
        print(
            f"  {'floor: ' + floor['name']:<44} {floor['speed']:10.4g} {floor['seconds']:9.2f} {floor['cpu_seconds']:9.2f} {floor['peak_mb']:7.0f}"
            f"   we take {floor['times']:.2f} x its processor time",
        )


def committed(of: dict) -> Path:
    """Where the figures of such a machine lie."""
    name = f"{of['processor']}-{of['instructions']}-{of['cores']}-cores"
    return FIGURES / (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + ".json")


def run_table(rows, to: Path) -> None:
    """Measures, shows and writes the rows as they come; `rows` may yield a text where rows are left out."""
    found = {"machine": machine(), "rounds": ROUNDS, "rows": []}
    known = committed(found["machine"])
    before = json.loads(known.read_text())["rows"] if known.exists() else []
    print(f"{found['machine']}; medians of {ROUNDS} rounds; compared with {known.name if before else 'nothing: the first on such a machine'}")
    for row in rows:
        if isinstance(row, str):
            print(f"\n{row}", flush=True)
            continue
        figures = measure(row)
        same = (other for other in before if (other["command"], other["input"]) == (figures["command"], figures["input"]))
        show(figures, next(same, None))
        print(end="", flush=True)
        found["rows"].append(figures)
        to.write_text(json.dumps(found, indent=1) + "\n")
    print(f"\n{to}: the figures; to compare later ones with them, copy them to {known.relative_to(Path.cwd()) if known.is_relative_to(Path.cwd()) else known}")
