"""Where sealed documents lie: a folder, or a store that speaks S3. Blocks."""

import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from prorata.crm.documents.terms import DocumentTerms

_RETRIES: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}

Store = LocalStore | MemoryStore | S3Store


class ObjectMissing(Exception):
    """There is none of this name."""


class StoreAway(Exception):
    """The store does not answer, or refuses us."""


class Objects:
    """`folder`: that of a local store, whose files are on the disk before they are told of."""

    def __init__(self, store: Store, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        """Raises `StoreAway`."""
        try:
            self._store.put(name, content)
            if self._folder is not None:
                _sync(self._folder / name)
                _sync(self._folder)
        except (BaseError, OSError) as problem:
            raise StoreAway(type(problem).__name__) from problem

    def get(self, name: str) -> bytes:
        """Raises `ObjectMissing`, `StoreAway`."""
        try:
            return bytes(self._store.get(name).bytes())
        except FileNotFoundError:
            raise ObjectMissing(name) from None
        except (BaseError, OSError) as problem:
            raise StoreAway(type(problem).__name__) from problem

    def delete(self, name: str) -> None:
        """Delete it; one that is not there is deleted. Raises `StoreAway`."""
        try:
            self._store.delete(name)
        except FileNotFoundError:
            pass
        except (BaseError, OSError) as problem:
            raise StoreAway(type(problem).__name__) from problem


class BadStore(Exception):
    """The settings of the store are no good."""


def open_objects(terms: DocumentTerms, folder: Path) -> Objects:
    """Open where documents lie. `folder`: in which, if the terms name no store. Raises `BadStore`."""
    if not terms.url:
        return Objects(LocalStore(folder, mkdir=True), folder)
    parts = urlsplit(terms.url)
    if parts.scheme != "s3" or not parts.netloc:
        raise BadStore("documents.url: expected s3://bucket or s3://bucket/folder")
    given: dict[str, Any] = {"region": terms.region, **_credentials(terms.credentials)}
    if terms.endpoint:
        given["endpoint"] = terms.endpoint
    plain = terms.endpoint.startswith("http://")
    prefix = parts.path.strip("/") or None
    return Objects(S3Store(parts.netloc, prefix=prefix, client_options={"allow_http": plain}, retry_config=_RETRIES, **given))


def in_memory() -> Objects:
    """Return a place that is gone with the process."""
    return Objects(MemoryStore())


def _sync(path: Path) -> None:
    """See that a file, or what a folder lists, survives a power failure."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _credentials(file: Path | None) -> dict[str, str]:
    """Return the credentials of a file; without one, the store takes those of the environment. Raises `BadStore`."""
    if file is None:
        return {}
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        return {name: str(told[name]) for name in ("access_key_id", "secret_access_key")}
    except (OSError, ValueError, KeyError) as problem:
        raise BadStore(f"documents.credentials: {file} cannot be read ({type(problem).__name__})") from None
