import platform

import pytest

from prorata.app.memory import HUGE_PAGE, keep_freed_memory, resident_bytes, use_huge_pages

SIZE = 32 * HUGE_PAGE


def test_the_allocator_takes_the_wishes_where_it_is_the_one_that_knows_them() -> None:
    assert keep_freed_memory() == (platform.libc_ver()[0] == "glibc")


def test_what_is_held_goes_into_huge_pages_and_stays_as_it_is() -> None:
    held = bytearray(b"held" * (SIZE // 4))
    before = resident_bytes()
    huge = use_huge_pages()
    if not huge:
        pytest.skip("this kernel has no huge pages on demand")
    assert before >= SIZE
    assert huge >= SIZE - 2 * HUGE_PAGE
    assert resident_bytes() < before * 1.5
    assert held == b"held" * (SIZE // 4)
    assert use_huge_pages() >= SIZE - 2 * HUGE_PAGE
