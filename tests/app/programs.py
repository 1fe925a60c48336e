"""Runs the command `prorata` in a process of its own, as its users do."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec

from prorata.app import cli

READY_SECONDS = 60


class Done(msgspec.Struct, frozen=True):
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PRORATA_")}
    return {**clean, "COLUMNS": "200", **more}


def prorata(*arguments: str | Path, seconds: float = 60, **variables: str) -> Done:
    """Run to the end and return what came of it."""
    command = [sys.executable, "-m", "prorata", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=environment(**variables), check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def here(*arguments: str | Path) -> Done:
    """Run in this process, which is quicker."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True), io.StringIO()
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code or 0
    assert isinstance(code, int)
    out.seek(0)
    return Done(code, out.read(), err.getvalue())


@contextmanager
def running(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Run until it is ready; gives (process, address, what it said before). Killed at the end if it still runs."""
    command = [sys.executable, "-m", "prorata", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1, env=environment())
    try:
        said: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            ready = re.fullmatch(r"ready (http://\S+)\n", line)
            if ready:
                yield process, ready[1], "".join(said)
                return
        assert process.stderr is not None
        raise AssertionError(f"it did not get ready: {''.join(said)}{process.stderr.read()}")
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
