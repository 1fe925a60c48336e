"""Generates the Python of the gRPC messages anew from their .proto files: `python -m tools.protos`.

What it makes is committed: whoever installs the package needs no compiler.
"""

import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parents[1]
SOURCES = Path("prorata/stream/grpc/proto")
SUFFIXES = ("_pb2.py", "_pb2.pyi")


def generate(folder: Path) -> list[Path]:
    """Write the modules and their types below a folder, where imports expect them; return them relative to it."""
    names = sorted(path.relative_to(ROOT) for path in (ROOT / SOURCES).glob("*.proto"))
    words = ["protoc", f"--proto_path={ROOT}", f"--python_out={folder}", f"--pyi_out={folder}", *map(str, names)]
    if protoc.main(words) != 0:
        raise SystemExit("the .proto files cannot be compiled")
    return [name.with_name(name.stem + suffix) for name in names for suffix in SUFFIXES]


if __name__ == "__main__":
    for made in generate(ROOT):
        sys.stdout.write(f"{made}\n")
