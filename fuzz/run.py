"""Runs fuzz targets one after the other and keeps figures of each in figures.tsv: runs, CPU time, peak memory, findings.

    python3 fuzz/run.py --bin TARGET/x86_64-unknown-linux-gnu/release --corpus FOLDER [--seconds 60] [TARGET ...]

Corpus and findings lie below --corpus, where later runs go on from them. A finding ends a target: exit code 1.
With --cpu-minutes it goes on, always with the target that has had least, until figures.tsv says that each has had so many.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

# A reader needs less for any input of the size that libFuzzer makes; more is growth.
MEMORY_MB = 1024
# A second is slow; ten times that is a hang.
TIMEOUT = 10
LARGEST = 1 << 16


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--cpu-minutes", type=float, help="until each target has had so many, in all its runs")
    parser.add_argument("targets", nargs="*")
    args = parser.parse_args()
    seeds = subprocess.run([args.bin / "seeds", args.corpus / "seeds"], check=True, capture_output=True, text=True)
    known = seeds.stdout.split()
    targets = args.targets or known
    if args.cpu_minutes:
        found = until(args.cpu_minutes * 60, targets, args)
    else:
        found = [name for name in targets if fuzz(name, args)]
    if found:
        sys.exit(f"findings: {', '.join(found)}: see {args.corpus / 'findings'}")


def until(wanted, targets, args):
    """Fuzzes the target that has had the least processor time, until each has had `wanted` seconds; what was found."""
    found = []
    while left := [name for name in targets if name not in found]:
        had = dict.fromkeys(left, 0.0)
        log = args.corpus / "figures.tsv"
        for row in log.read_text().splitlines()[1:] if log.exists() else []:
            name, _, seconds, *_ = row.split("\t")
            if name in had:
                had[name] += float(seconds)
        name = min(had, key=had.get)
        if had[name] >= wanted:
            break
        if fuzz(name, args):
            found.append(name)
    return found


def fuzz(name, args):
    """Fuzzes one target; whether it found something."""
    corpus, findings = args.corpus / "corpus" / name, args.corpus / "findings"
    for folder in corpus, findings:
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        args.bin / name, corpus, args.corpus / "seeds" / name,
        f"-max_total_time={args.seconds}", f"-rss_limit_mb={MEMORY_MB}", f"-timeout={TIMEOUT}",
        f"-max_len={LARGEST}", f"-artifact_prefix={findings}/{name}-", "-print_final_stats=1", "-verbosity=1",
    ]
    talk = args.corpus / f"{name}.log"
    with talk.open("w") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    runs = re.findall(r"number_of_executed_units: (\d+)", talk.read_text(errors="replace"))
    seconds = usage.ru_utime + usage.ru_stime
    row = [name, runs[-1] if runs else "0", f"{seconds:.1f}", str(usage.ru_maxrss // 1024), str(int(code != 0))]
    log = args.corpus / "figures.tsv"
    if not log.exists():
        log.write_text("target\truns\tcpu_seconds\tpeak_mb\tfindings\n")
    with log.open("a") as out:
        out.write("\t".join(row) + "\n")
    print(f"{name}: {row[1]} runs in {seconds:.0f} CPU seconds, {row[3]} MB" + (", A FINDING" if code else ""), flush=True)
    return code != 0


if __name__ == "__main__":
    main()
