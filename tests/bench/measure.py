"""Running a command and measuring what it cost."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

Command = list[str | Path]


class Run(NamedTuple):
    """What one command cost."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str


def run(command: Command) -> Run:
    """Runs a command to its end; ends the program if it fails."""
    found = tried(command)
    if found is None:
        sys.exit(f"{' '.join(map(str, command))}: it failed")
    return found


def tried(command: Command) -> Run | None:
    """The same, with nothing if it fails or is not there. Its peak memory is that of this process's largest child so far, so each runs in a fork."""
    if shutil.which(command[0]) is None:
        return None
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
    return None if code != 0 else Run(*rest)
