"""Puts the journal of a platform away that was removed: checked, told in words beside it, and moved; nothing is deleted.

    archive/ENGINE/journal.db           the journal as it was, if it is a file
    archive/ENGINE/journal.jsonl.gz     every batch in words, as `prorata journal export` prints it
    archive/ENGINE/manifest.json        what it is, how many records, the hash of the last one, the export's SHA-256

It runs as a process of its own, since it takes a processor for as long as the journal is: `python -m
prorata.app.archiving`, the wish as JSON on standard input. Each step may be the last before a power failure: done again it
ends where the first one would have.
"""

import asyncio
import gzip
import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from prorata.app import logs
from prorata.server.ports import JournalDamaged
from prorata.storage.chain import JournalUnusable, StoredJournal
from prorata.storage.export import export
from prorata.storage.journals import open_journal
from prorata.storage.verify import Verdict, verify

PROGRAM = "prorata.app.archiving"
EXPORT_NAME = "journal.jsonl.gz"
MANIFEST_NAME = "manifest.json"
NO_JOURNAL = "no journal"
_NICE = 10
_CHUNK = 1 << 20


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """`folder`: where the journal is a file; None: it is in a database server, and stays there."""

    journal: str
    engine: str
    name: str
    uuid: str
    folder: str | None
    target: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`finding`: what verifying the journal found, or that there is none: the platform has never run.

    `records`, `hash`: of the good ones, all of which are in the export.
    """

    platform: str
    engine: str
    name: str
    finding: str
    problem: str = ""
    records: int = 0
    hash: str = ""
    export_sha256: str = ""


class NotArchived(Exception):
    """The export is not what the journal says."""


def archive(wish: Wish) -> Manifest:
    """Archive a journal that nobody writes any more. Raises `NotArchived`, `OSError`, and what opening a journal raises."""
    target, folder = Path(wish.target), None if wish.folder is None else Path(wish.folder)
    if folder is not None and not folder.exists() and target.exists():
        return _manifest_in(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    working = folder if folder is not None else target
    working.mkdir(exist_ok=True)
    manifest = _exported(wish, working)
    _write(working / MANIFEST_NAME, lambda file: file.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"))
    if folder is not None:
        folder.rename(target)
    _sync(target.parent)
    return manifest


def _exported(wish: Wish, folder: Path) -> Manifest:
    """Verify the journal, and tell it in words in a file of the folder."""
    manifest = Manifest(platform=wish.uuid, engine=wish.engine, name=wish.name, finding=NO_JOURNAL)
    journal = open_journal(wish.journal, wish.engine)
    try:
        verdict = verify(journal)
        _write(folder / EXPORT_NAME, lambda file: _export(journal, verdict, file))
    except JournalUnusable as problem:
        return msgspec.structs.replace(manifest, problem=str(problem))
    finally:
        journal.close()
    return msgspec.structs.replace(
        manifest, finding=verdict.finding.value, problem=verdict.problem, records=verdict.good, hash=verdict.hash.hex(),
        export_sha256=_checked(folder / EXPORT_NAME, verdict),
    )  # fmt: skip


def _export(journal: StoredJournal, verdict: Verdict, file: BinaryIO) -> None:
    """Write the good records in words. What comes after a bad one stays in the journal alone."""
    encode = msgspec.json.Encoder().encode
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        try:
            for record in export(journal):
                packed.write(encode(record) + b"\n")
        except JournalDamaged as damage:
            if damage.number <= verdict.good:
                raise


class _Line(msgspec.Struct):
    number: int
    hash: str


def _checked(file: Path, verdict: Verdict) -> str:
    """Read the export again, and return its SHA-256. Raises `NotArchived` if it is not all that was found good."""
    decode = msgspec.json.Decoder(_Line).decode
    last = _Line(0, verdict.hash.hex() if not verdict.good else "")
    with gzip.open(file, "rb") as packed:
        for text in packed:
            line = decode(text)
            if line.number != last.number + 1:
                raise NotArchived(f"the export goes on with batch {line.number} after {last.number}")
            last = line
    if (last.number, last.hash) != (verdict.good, verdict.hash.hex()):
        raise NotArchived(f"the export ends with batch {last.number}, the journal with {verdict.good}")
    digest = sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _write(file: Path, fill: Any) -> None:
    """Write a file as a whole, or leave the old one."""
    beside = file.with_name(f"{file.name}.new")
    with beside.open("wb") as opened:
        fill(opened)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _manifest_in(target: Path) -> Manifest:
    return msgspec.json.decode((target / MANIFEST_NAME).read_bytes(), type=Manifest)


async def archive_in_process(wish: Wish) -> str:
    """Archive in a process of its own, and return what went wrong, "" if nothing did."""
    places = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", PROGRAM, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=logs.file(), env={**os.environ, "PYTHONPATH": places},
    )  # fmt: skip
    try:
        said, _ = await process.communicate(msgspec.json.encode(wish))
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    return said.decode() if said or process.returncode == 0 else f"its process ended with {process.returncode}"


def main() -> None:
    """Say what went wrong on standard output; nothing, if nothing did."""
    os.nice(_NICE)
    wish = msgspec.json.decode(sys.stdin.buffer.read(), type=Wish)
    try:
        archive(wish)
    except Exception as problem:
        sys.stdout.write(f"{type(problem).__name__}: {problem}")
        raise


if __name__ == "__main__":
    main()
