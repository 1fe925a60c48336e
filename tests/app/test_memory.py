import platform

from prorata.app.memory import keep_freed_memory


def test_the_allocator_takes_the_wishes_where_it_is_the_one_that_knows_them() -> None:
    assert keep_freed_memory() == (platform.libc_ver()[0] == "glibc")
