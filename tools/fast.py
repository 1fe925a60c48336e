"""Compiles the engine: `make fast` (decision 0010).

The same Python sources, compiled by mypyc into extension modules beside copies of themselves in `.fast/`. With
`PYTHONPATH=.fast` the program runs on them; without it, on the sources as they are. Needs a C compiler.
"""

import fcntl
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPILED = ("prorata/units/rounding.py", "prorata/trading/*.py")
AS_THEY_ARE = {"__init__.py", "state.py"}
"""`state` holds msgspec structs: they are compiled code already, and mypyc would lose how they are encoded."""
SETUP = """
from mypyc.build import mypycify
from setuptools import setup
setup(name="prorata-fast", packages=[], ext_modules=mypycify({sources!r}, opt_level="{level}"))
"""


class NoCompiler(Exception):
    """There is no C compiler, or it failed."""


def digest() -> str:
    """Return what the build depends on: all sources, this file, and the compiler's version."""
    together = sha256(f"mypy {version('mypy')} python {sys.version}".encode())
    for path in [Path(__file__), *sorted((ROOT / "prorata").rglob("*.py"))]:
        together.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return together.hexdigest()


def build(target: Path, level: str = "3") -> None:
    """Bring `target` in line with the sources, if it is not. Who comes while another builds waits for him.

    `level`: how much the C compiler optimizes; "0" is built in a third of the time, and computes the same.

    Raises:
        NoCompiler: see there.
    """
    with target.with_name(f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _build(target, level)


def _build(target: Path, level: str) -> None:
    stamp = target / "stamp"
    wanted = f"{digest()} {level}"
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        raise NoCompiler("no C compiler (cc or gcc) in the path")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ROOT / "prorata", target / "prorata", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target)
    paths = [path for pattern in COMPILED for path in sorted(target.glob(pattern)) if path.name not in AS_THEY_ARE]
    sources = [path.relative_to(target).as_posix() for path in paths]
    (target / "setup.py").write_text(SETUP.format(sources=sources, level=level), encoding="utf-8")
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=target, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoCompiler(f"the build failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    stamp.write_text(wanted, encoding="ascii")


if __name__ == "__main__":
    try:
        build(ROOT / ".fast")
    except NoCompiler as problem:
        sys.exit(f"not compiled: {problem}")
    print("compiled into .fast: run with PYTHONPATH=.fast")
