import pytest

from prorata.copying import columns


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a handful of investments be more than one block, the last one short."""
    monkeypatch.setattr(columns, "BLOCK", 3)
