"""The writer is tried on the same journals as the journals themselves."""

from tests.storage.conftest import ground, postgresql_ground, sqlite_ground

__all__ = ["ground", "postgresql_ground", "sqlite_ground"]
