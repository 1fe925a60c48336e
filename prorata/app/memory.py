"""How the C library's allocator is asked to treat columns, and the kernel to lay out what is held.

A signal to 100,000 investments makes a hundred columns of 800 kB for a moment each. By default such a block is given back to
the kernel when it is freed, and every page of the next one is a page fault: they cost more than all the arithmetic
(measured: 36 ms for a signal and its fills, 19 ms with the blocks kept; decision 0017).

With a million positions most of what an order touches is where the processor does not know the page (decision 0043): in pages
of 2 MB it does.
"""

import ctypes
import errno
import re
import sys
from collections.abc import Iterator
from mmap import PAGESIZE
from pathlib import Path

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""options of glibc's mallopt"""
KEPT_BYTES = 512 * 2**20
"""how much free memory stays with the process"""
PAD_BYTES = 64 * 2**20
BLOCK_BYTES_MAX = 32 * 2**20
"""the largest block that comes from the heap; glibc takes no more"""
HUGE_PAGE = 2 * 2**20
USED_PART = 0.75
"""of a region must be used for it to be put into huge pages"""
_HUGEPAGE, _COLLAPSE = 14, 25
"""advice of Linux's madvise; the second one since 6.1"""
_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0\s")
_RESIDENT = re.compile(r"Rss:\s+(\d+) kB")


def keep_freed_memory() -> bool:
    """Let freed blocks be used again by the process. Say whether the allocator could be asked: only glibc's knows how."""
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wishes = ((_MMAP_THRESHOLD, BLOCK_BYTES_MAX), (_TRIM_THRESHOLD, KEPT_BYTES), (_TOP_PAD, PAD_BYTES))
    return all(mallopt(option, value) == 1 for option, value in wishes)


def use_huge_pages() -> int:
    """Put what this process holds into pages of 2 MB, and return how many bytes are in such pages then; 0: the kernel cannot.

    Blocks, for about 2.5 s a gigabyte that is not in them yet; other threads go on. Whoever has forbidden such pages on the
    whole machine is obeyed.
    """
    if sys.platform != "linux" or not _are_allowed():
        return 0
    advise = ctypes.CDLL(None, use_errno=True).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    done = 0
    for begin, end in _regions():
        for page in range(-(-begin // HUGE_PAGE) * HUGE_PAGE, end - HUGE_PAGE + 1, HUGE_PAGE):
            advise(page, HUGE_PAGE, _HUGEPAGE)
            if advise(page, HUGE_PAGE, _COLLAPSE) == 0:
                done += HUGE_PAGE
            elif ctypes.get_errno() == errno.ENOMEM:  # There is none left: what is in small pages works as before.
                return done
    return done


def resident_bytes() -> int:
    """Return how much memory the process holds; 0 where nobody can say."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGESIZE
    except OSError:
        return 0


def _are_allowed() -> bool:
    try:
        return "[never]" not in Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text(encoding="ascii")
    except OSError:
        return False


def _regions() -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of what is the process's own and used for the most part: a huge page is all there, used or not."""
    begin = end = 0
    for line in Path("/proc/self/smaps").read_text(encoding="ascii", errors="replace").splitlines():
        region, resident = _REGION.match(line), _RESIDENT.match(line)
        if region is not None:
            begin, end = int(region[1], 16), int(region[2], 16)
        elif resident is not None and end - begin >= HUGE_PAGE:
            if int(resident[1]) * 1024 >= (end - begin) * USED_PART:
                yield begin, end
        elif line.startswith("VmFlags:"):
            begin = end = 0
