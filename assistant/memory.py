"""How much memory the system lets this process have, and what tells that there is no more.

Libraries in C and C++ that are refused memory may end the process on the spot. So a limit such as
that of ``ulimit -v`` is looked at before they are loaded; what is refused later comes as exceptions
of many kinds.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress

READING = 250
"""Megabytes of address space that it takes at least to read an index, ..."""

SEARCHING = 600
"""... to load what searches it, ..."""

ASKING = 800
"""... to open the model for a question, ..."""

ENCODING = ASKING + 150 * min(os.cpu_count() or 1, 4)
"""... and to open it with a thread a core, each of which sets some aside."""

DATA_SHARE = 0.7
"""Of the address space, what is data rather than programs and files that are mapped."""

REMEDY = "close other programs, or raise the limit: ulimit -v unlimited"

_SIGNS = (
    "bad_alloc",
    "can't start new thread",
    "cannot allocate memory",
    "failed to allocate memory",
    "failed to map segment",
)


def lack(megabytes: int) -> tuple[str, str] | None:
    """Return cause and remedy where the limits of this process leave it less memory than it needs.

    Args:
        megabytes: Address space that it needs, of 10**6 bytes.
    """
    with suppress(ImportError):  # Windows has no such limits
        import resource

        limits = (("v", resource.RLIMIT_AS, 1.0), ("d", resource.RLIMIT_DATA, DATA_SHARE))
        for letter, kind, share in limits:
            allowed, _ = resource.getrlimit(kind)
            least = megabytes * share
            if allowed != resource.RLIM_INFINITY and allowed < least * 1e6:
                return (
                    f"memory is limited to {allowed / 1e6:,.0f} MB here, and this takes some"
                    f" {least:,.0f} MB",
                    f"raise the limit: ulimit -{letter} unlimited",
                )
    return None


def is_used_up(error: BaseException) -> bool:
    """Return whether an exception, whoever raised it, says that there is no more memory."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    text = str(error).lower()
    return any(sign in text for sign in _SIGNS)
