"""What an account and a position weigh. A process of its own, since freed memory is not given back: prints two numbers."""

import gc
from pathlib import Path

from bench import world

ACCOUNTS, POSITIONS = 50_000, 500_000


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def bytes_each(accounts: int, positions: int) -> tuple[float, float]:
    """Return (bytes of memory for each account, for each position)."""
    before = resident_mb()
    empty = world.build(accounts, 0)
    with_accounts = resident_mb()
    del empty
    gc.collect()
    full = world.build(accounts, positions)
    with_positions = resident_mb()
    assert len(full.desk.state.accounts) == accounts
    return (with_accounts - before) * 1e6 / accounts, (with_positions - with_accounts) * 1e6 / positions


if __name__ == "__main__":
    gc.disable()
    print(*bytes_each(ACCOUNTS, POSITIONS))
