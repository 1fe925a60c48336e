"""How the C library's allocator is asked to treat columns.

A signal to 100,000 investments makes a hundred columns of 800 kB for a moment each. By default such a block is given back to
the kernel when it is freed, and every page of the next one is a page fault: they cost more than all the arithmetic
(measured: 36 ms for a signal and its fills, 19 ms with the blocks kept; decision 0017).
"""

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""options of glibc's mallopt"""
KEPT_BYTES = 512 * 2**20
"""how much free memory stays with the process"""
PAD_BYTES = 64 * 2**20
BLOCK_BYTES_MAX = 32 * 2**20
"""the largest block that comes from the heap; glibc takes no more"""


def keep_freed_memory() -> bool:
    """Let freed blocks be used again by the process. Say whether the allocator could be asked: only glibc's knows how."""
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wishes = ((_MMAP_THRESHOLD, BLOCK_BYTES_MAX), (_TRIM_THRESHOLD, KEPT_BYTES), (_TOP_PAD, PAD_BYTES))
    return all(mallopt(option, value) == 1 for option, value in wishes)
