"""The command `ktrain` of the installed package: finds libtorch, then becomes the program that is linked with it.

The system loads a program's libraries before its first line runs, so the program itself cannot say that they are
missing. libtorch is looked for in this order:

1. the folder that LIBTORCH names, with lib/libtorch_cpu.so in it;
2. an installed torch of the right version, in the environment of this package;
3. what `ktrain setup` put into the cache, the build with CUDA first.

Python imports no torch here: only its libraries are used.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from . import install
from .install import Failure

PROGRAM = "ktrain-bin"
LIBRARY = "lib/libtorch_cpu.so"


def main(script: str) -> int:
    """Runs the command line; `script` is the file that was started, which lies beside the program."""
    if sys.argv[1:2] == ["setup"]:
        return setup(sys.argv[2:])
    try:
        start(Path(script).resolve().with_name(PROGRAM), find())
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1


def find() -> Path:
    """The folder of libtorch: its lib/ has the libraries."""
    named = os.environ.get("LIBTORCH")
    if named:
        return checked(Path(named))
    torch = installed_torch()
    if torch and is_right(version_of(torch)):
        return torch
    for folder in (install.libtorch_folder(cuda=True), install.libtorch_folder(cuda=False)):
        if (folder / "torch" / LIBRARY).is_file():
            return folder / "torch"
    here = f"torch {version_of(torch)} is installed, and " if torch else ""
    raise Failure(
        f"{here}ktrain needs libtorch {install.TORCH}: type `ktrain setup` (0.5 GB; with --cuda 2.5 GB), "
        f"or `pip install torch=={install.TORCH}`"
    )


def checked(folder: Path) -> Path:
    """The folder of LIBTORCH, if it has what is needed."""
    if not (folder / LIBRARY).is_file():
        raise Failure(f"LIBTORCH={folder} has no {LIBRARY}: name the folder of libtorch {install.TORCH}, or unset LIBTORCH")
    version = version_of(folder)
    if version and not is_right(version):
        raise Failure(f"LIBTORCH={folder} is version {version}, and ktrain needs {install.TORCH}")
    return folder


def installed_torch() -> Path | None:
    """The folder of the torch that `import torch` would find, if it has libraries."""
    spec = find_spec("torch")
    for place in (spec and spec.submodule_search_locations) or []:
        if (Path(place) / LIBRARY).is_file():
            return Path(place)
    return None


def version_of(folder: Path) -> str | None:
    """What a folder of libtorch, or of the Python package, says about its version."""
    for name, pattern in (("build-version", r"(\S+)"), ("version.py", r"__version__ = ['\"]([^'\"]+)")):
        try:
            found = re.search(pattern, (folder / name).read_text(encoding="utf-8"))
        except OSError:
            continue
        if found:
            return found[1]
    return None


def is_right(version: str | None) -> bool:
    """Whether this is the version that the program was built for; 2.11.0+cpu and 2.11.0+cu130 are 2.11.0, too."""
    return (version or "").split("+")[0] == install.TORCH


def start(program: Path, libtorch: Path) -> NoReturn:
    """This process becomes the program."""
    before = os.environ.get("LD_LIBRARY_PATH")
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join([str(libtorch / "lib"), *([before] if before else [])])
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python; a program is started without
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execv(program, ["ktrain", *sys.argv[1:]])
    except OSError as error:
        raise Failure(f"cannot start {program}: {error.strerror}") from error


def setup(arguments: list[str]) -> int:
    """`ktrain setup`."""
    parser = argparse.ArgumentParser(
        prog="ktrain setup",
        description=f"Download what ktrain needs into {install.cache()}: libtorch {install.TORCH}, unless that version of "
        "torch is installed beside ktrain, and the small default backbone, all-MiniLM-L6-v2. What is there and complete "
        "is not downloaded again.",
    )
    parser.add_argument("--cuda", action="store_true", help="libtorch with the CUDA libraries (2.5 GB), for --device cuda")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="look for the packages here first, and keep them here")
    args = parser.parse_args(arguments)

    def work() -> None:
        torch = installed_torch()
        if torch and is_right(version_of(torch)):
            install.say(f"torch {install.TORCH} is installed: ktrain uses it")
        else:
            install.libtorch(install.libtorch_folder(args.cuda), args.cuda, args.wheels)
        install.backbone(install.backbone_folder(), args.wheels)

    return install.exit_code(work)
