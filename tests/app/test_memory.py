import platform
from pathlib import Path

from prorata.app.memory import HUGE_PAGE, keep_freed_memory, resident_bytes, use_huge_pages

SIZE = 32 * HUGE_PAGE
SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")
"""where the machine says whether there may be huge pages; the kernel makes them on demand since 6.1"""


def test_the_allocator_takes_the_wishes_where_it_is_the_one_that_knows_them() -> None:
    assert keep_freed_memory() == (platform.libc_ver()[0] == "glibc")


def test_what_is_held_goes_into_huge_pages_and_stays_as_it_is() -> None:
    held = bytearray(b"held" * (SIZE // 4))
    before = resident_bytes()
    least = SIZE - 2 * HUGE_PAGE if has_huge_pages() else 0
    assert use_huge_pages() >= least
    assert (use_huge_pages() > 0) == (least > 0)
    assert resident_bytes() < before + SIZE
    assert held == b"held" * (SIZE // 4)


def has_huge_pages() -> bool:
    version = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])
    return platform.system() == "Linux" and version >= (6, 1) and SWITCH.exists() and "[never]" not in SWITCH.read_text()
