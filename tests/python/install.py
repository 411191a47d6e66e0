"""PyTorch, two versions of transformers, and peft, each in a folder of its own, for tests/python/check.py.

    python3 tests/python/install.py DIR

PyPI's torch for Linux is built with CUDA, whose libraries are 2 GB of downloads that no processor needs. They are left
out: a library with the names of their functions stands in for them, so that torch loads; nothing calls it without a GPU.
Needs pip and a C compiler.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Folder -> what pip puts there.
FOLDERS = {
    "transformers5": ["transformers==5.24.0", "pyarrow==26.0.1"],
    "transformers4": ["transformers==4.57.6", "pyarrow==26.0.1"],
    "peft": ["--no-deps", "peft==0.21.2", "accelerate==1.15.0", "psutil"],
}
TORCH = ["torch==2.11.0", "nvidia-cuda-runtime==13.0.96", "nvidia-cuda-cupti==13.0.85"]
OF_TORCH = ["filelock", "typing_extensions", "sympy", "networkx", "jinja2", "fsspec", "setuptools"]


def pip(to: Path, *what: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--root-user-action=ignore", "--no-cache-dir", "--no-warn-conflicts"]
    subprocess.run([*command, "--target", to, *what], check=True)


def symbols(library: Path, which: str) -> set[str]:
    text = subprocess.run(["nm", "-D", f"--{which}", library], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {line.split()[-1] for line in text.splitlines() if line}


def needed(library: Path) -> set[str]:
    text = subprocess.run(["readelf", "-d", library], stdout=subprocess.PIPE, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))


def stand_in(torch: Path) -> None:
    """Puts a library in the place of those of CUDA that are not there."""
    libraries = [path for path in (torch / "lib").glob("*.so*")]
    there = {path.name for path in torch.parent.glob("nvidia/**/*.so*")} | {path.name for path in libraries}
    system = subprocess.run(["ldconfig", "-p"], stdout=subprocess.PIPE, text=True, check=True).stdout
    missing = {name for library in libraries for name in needed(library)} - there
    # That of the driver is asked for where there is a GPU alone.
    missing = {name for name in missing if f"\t{name} " not in system} - {"libcuda.so.1"}
    known = {name.split("@")[0] for library in libraries for name in symbols(library, "defined-only")}
    for library in torch.parent.glob("nvidia/**/*.so*"):
        known |= {name.split("@")[0] for name in symbols(library, "defined-only")}
    wanted = {name for library in libraries for name in symbols(library, "undefined-only")}
    versions: dict[str, list[str]] = {}
    for name, _, version in (name.replace("@@", "@").partition("@") for name in wanted):
        of_system = version.startswith(("GLIBC", "GCC", "CXXABI", "GOMP", "OMP"))
        if name not in known and not of_system and re.match(r"_?_?(cu|nv|nccl)", name):
            versions.setdefault(version, []).append(name)
    with tempfile.TemporaryDirectory() as work:
        source, script = Path(work, "empty.c"), Path(work, "versions.map")
        source.write_text("".join(f"long {name}(void) {{ return 0; }}\n" for all in versions.values() for name in all))
        script.write_text("".join(f"{version} {{ {'; '.join(all)}; }};\n" for version, all in versions.items() if version))
        library = torch / "lib" / "libno_cuda.so"
        flags = ["-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,--version-script={script}", "-o", library, source]
        subprocess.run([os.environ.get("CC", "cc"), *flags], check=True)
    for name in missing:
        (torch / "lib" / name).symlink_to("libno_cuda.so")


def main() -> None:
    to = Path(sys.argv[1]).absolute()
    partial = to.with_name(f".{to.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    pip(partial / "torch", "--no-deps", *TORCH)
    pip(partial / "torch", *OF_TORCH)
    stand_in(partial / "torch" / "torch")
    for name, packages in FOLDERS.items():
        pip(partial / name, *packages)
    partial.rename(to)


if __name__ == "__main__":
    main()
