"""Running a command and measuring what it cost."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """What one command cost."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str


def run(command: list[str | Path]) -> Run:
    """Runs a command to its end; its peak memory is that of this process's largest child so far, so each runs in a fork."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        start = time.perf_counter()
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=False)
        seconds = time.perf_counter() - start
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = [done.returncode, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, done.stdout]
        os.write(write_end, json.dumps(result).encode()[:60_000])
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        code, *rest = json.load(pipe)
    os.waitpid(pid, 0)
    if code != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {code}")
    return Run(*rest)


def best(command: list[str | Path], times: int = 3) -> Run:
    """The fastest of several runs: what the machine can do when nothing else disturbs it."""
    return min((run(command) for _ in range(times)), key=lambda r: r.seconds)
