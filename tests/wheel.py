"""The wheel as its users meet it: its contents, and both programs in a fresh virtual environment, alone on the PATH.

    python3 tests/wheel.py target/wheels/kprep-*.whl --libtorch DIR --backbone DIR [--release]

DIR are the folders of `make libtorch` and `make backbone`. Stops at the first fault. Needs binutils, and of Python the
standard library with venv.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
TINY = ROOT / "tests" / "data" / "backbone" / "bert-tiny"
PROGRAMS = ["kprep", "ktrain-bin"]
# What a manylinux wheel may expect of the system, and libtorch, which the launcher finds.
SYSTEM = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "ld-linux-x86-64.so.2"}
LIBTORCH = {"libtorch.so", "libtorch_cpu.so", "libc10.so"}
# An adapter that a debug build trains in seconds.
SMALL = "--batch-size 8 --max-length 40 --set adapter_hidden_size=32 --set adapter_attention_heads=4 --set adapter_ffn_size=64"

sys.path.insert(0, str(ROOT / "python"))
from kprep.install import TORCH  # noqa: E402


def output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def expect(is_so: object, what: str) -> None:
    if not is_so:
        sys.exit(f"wheel: {what}")


def check_contents(wheel: Path, folder: Path, is_release: bool) -> None:
    """Names and metadata of the wheel, and its two programs, unpacked into `folder`."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    data = folder / f"kprep-{version}.data"
    packed = data / "data" / "share" / "kprep" / "sample"
    for path in packed.rglob("*"):
        same = path.is_dir() or path.read_bytes() == (SAMPLE / path.relative_to(packed)).read_bytes()
        expect(same, f"{path} is not that of data/sample")
    for name in ("trex", "deps", "dumps"):
        expect(sorted(os.listdir(SAMPLE / name)) == sorted(os.listdir(packed / name)), f"a file of data/sample/{name} is missing")
    metadata = (folder / f"kprep-{version}.dist-info" / "METADATA").read_text()
    expect(f"\nRequires-Dist: torch=={TORCH} ; extra == 'train'\n" in metadata, f"the extra train is not torch {TORCH}: {metadata}")
    glibc = tuple(map(int, re.search(r"manylinux_(\d+)_(\d+)_x86_64\.whl$", wheel.name).groups()))
    paths = [str(ROOT), *([str(Path.home())] if is_release else [])]
    for name in PROGRAMS:
        check_program(data / "scripts" / name, glibc, [path.encode() for path in paths])


def check_program(program: Path, glibc: tuple[int, ...], paths: list[bytes]) -> None:
    """Nothing in a program ties it to the machine that built it."""
    dynamic = output("readelf", "-d", program)
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    allowed = SYSTEM | (LIBTORCH if program.name != "kprep" else set())
    expect(needed <= allowed, f"{program.name} needs {needed - allowed}")
    expect("PATH)" not in dynamic, f"{program.name} has a path for libraries: {dynamic}")
    versions = {tuple(map(int, found)) for found in re.findall(r"\bGLIBC_(\d+)\.(\d+)", output("readelf", "-V", program))}
    expect(max(versions) <= glibc, f"{program.name} needs glibc {max(versions)}, and the wheel's name says {glibc}")
    sections = output("readelf", "-S", "-W", program)
    expect(".symtab" not in sections and ".debug_info" not in sections, f"{program.name} is not stripped")
    content = program.read_bytes()
    for path in paths:
        found = re.search(re.escape(path) + rb"/[\x20-\x7e]*", content)
        expect(not found, f"{program.name} has the path {found and found[0].decode()}")


class Environment:
    """A virtual environment with the wheel in it, and an empty home and cache."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.work = folder / "work"
        self.work.mkdir()
        self.bin = folder / "venv" / "bin"
        output(sys.executable, "-m", "venv", folder / "venv")
        output(self.bin / "pip", "install", "--quiet", "--no-index", "--no-deps", wheel)
        self.site = Path(output(self.bin / "python", "-c", "import sysconfig; print(sysconfig.get_path('platlib'))").strip())
        self.variables = {"PATH": str(self.bin), "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "empty")}

    def run(self, line: str, code: int = 0, **variables: str) -> str:
        """Runs a command line; gives stdout, or stderr of one that fails as it should."""
        name, *args = line.split()
        environment = {**self.variables, **variables}
        command = [self.bin / name, *args]
        done = subprocess.run(command, cwd=self.work, env=environment, capture_output=True, text=True, check=False)
        expect(done.returncode == code, f"{line}: exit code {done.returncode}\n{done.stderr}")
        return done.stderr if code else done.stdout

    def found(self, **variables: str) -> Path:
        """The libtorch that the launcher finds."""
        given = [f"{name}={value}" for name, value in {**self.variables, **variables}.items()]
        code = "from kprep import launch; print(launch.find())"
        return Path(output("env", "-i", *given, self.bin / "python", "-c", code).strip())

    def torch(self, version: str, libraries: Path) -> None:
        """Installs as much of a torch as the launcher looks at."""
        shutil.rmtree(self.site / "torch", ignore_errors=True)
        (self.site / "torch").mkdir()
        (self.site / "torch" / "__init__.py").write_text("raise ImportError('nobody may import it')\n")
        (self.site / "torch" / "version.py").write_text(f"__version__ = '{version}'\n")
        (self.site / "torch" / "lib").symlink_to(libraries)


def check_kprep(env: Environment) -> None:
    """kprep works at once, on the sample that it brings."""
    env.run("kprep trex --quiet")
    report = env.run("kprep validate data/trex-rc")
    expect(report.endswith("4,835 rows checked, 0 problems\n"), report)


def check_search(env: Environment, folder: Path, libtorch: Path) -> dict[str, str]:
    """Where ktrain looks for libtorch, and what it says. Gives the variables with which it finds it in the cache."""
    nothing = env.run("ktrain info", code=1)
    expect(nothing.startswith(f"error: ktrain needs libtorch {TORCH}: type `ktrain setup` "), nothing)
    expect(nothing.count("\n") == 1, nothing)
    cache = {"XDG_CACHE_HOME": str(folder / "cache")}
    in_cache = folder / "cache" / "ktrain" / f"libtorch-{TORCH}"
    in_cache.parent.mkdir(parents=True)
    in_cache.symlink_to(libtorch)
    expect(env.found(**cache) == in_cache / "torch", "libtorch in the cache is not found")

    env.torch("2.5.1", libtorch / "torch" / "lib")
    other = env.run("ktrain info", code=1)
    expect(other.startswith(f"error: torch 2.5.1 is installed, and ktrain needs libtorch {TORCH}: "), other)
    expect(env.found(**cache) == in_cache / "torch", "another torch hides the cache")
    env.torch(f"{TORCH}+cu130", libtorch / "torch" / "lib")
    expect(env.found(**cache) == env.site / "torch", "the installed torch does not come before the cache")
    expect("AVX" in env.run("ktrain info --device"), "no device")

    wrong = folder / "wrong"
    shutil.copytree(env.site / "torch", wrong, symlinks=True)
    (wrong / "build-version").write_text("2.5.1+cpu\n")
    refused = env.run("ktrain info", code=1, LIBTORCH=str(wrong))
    expect(refused == f"error: LIBTORCH={wrong} is version 2.5.1+cpu, and ktrain needs {TORCH}\n", refused)
    lacking = env.run("ktrain info", code=1, LIBTORCH=str(folder))
    expect(lacking.startswith(f"error: LIBTORCH={folder} has no lib/libtorch_cpu.so: "), lacking)
    named = libtorch / "torch"
    expect(env.found(LIBTORCH=str(named)) == named, "LIBTORCH does not come first")
    shutil.rmtree(env.site / "torch")
    return cache


def check_ktrain(env: Environment, cache: dict[str, str]) -> None:
    """ktrain trains on a CPU, and says in a sentence that it has no GPU."""
    env.run(f"ktrain train --shards data/trex-rc --backbone {TINY} --max-steps 2 {SMALL}", **cache)
    expect((env.work / "runs/trex-rc/README.md").is_file(), "no adapter")
    cuda = env.run("ktrain info --device cuda", code=1, **cache)
    expect(cuda.startswith("error: --device cuda: ") and cuda.count("\n") == 1, cuda)
    usage = env.run("ktrain train --nonsense", code=2, **cache)
    expect("Usage: ktrain train " in usage, usage)
    expect("ktrain-bin" not in usage, usage)


def check_setup(env: Environment, cache: dict[str, str], backbone: Path) -> None:
    """`ktrain setup` downloads nothing that is there."""
    folder = Path(cache["XDG_CACHE_HOME"]) / "ktrain" / "backbone"
    folder.mkdir()
    (folder / backbone.name).symlink_to(backbone)
    env.run("ktrain setup", **cache)


def main() -> None:
    parser = argparse.ArgumentParser(description="Check a wheel of kprep, installed into a fresh virtual environment")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--libtorch", type=Path, required=True, help="folder of `make libtorch`")
    parser.add_argument("--backbone", type=Path, required=True, help="folder of `make backbone`")
    parser.add_argument("--release", action="store_true", help="the programs may name no file of this machine at all")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kprep-wheel-") as name:
        folder = Path(name)
        check_contents(args.wheel, folder / "content", args.release)
        env = Environment(folder, args.wheel.resolve())
        check_kprep(env)
        cache = check_search(env, folder, args.libtorch.resolve())
        check_ktrain(env, cache)
        check_setup(env, cache, args.backbone.resolve())
    print(f"{args.wheel.name}: {args.wheel.stat().st_size / 1e6:.1f} MB, installed and run")


if __name__ == "__main__":
    main()
