"""How long a piece of work still takes, told once that is known well enough. Pure."""

from __future__ import annotations

from collections import deque

WATCHED_SECONDS = 6.0
"""Estimates of as many seconds are compared, ..."""

LEAST_SECONDS = 3.0
"""... of no fewer than these, ..."""

LARGEST_RATIO = 2.0
"""... and the time left is known when the longest of them is at most so many times the shortest."""


class TimeLeft:
    """Estimates the time left of work whose pace changes, such as while a model warms up."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._ends: deque[tuple[float, float]] = deque()
        """Times, and by what was known then, how long all of it would take."""

    def at(self, now: float, done: int, total: int) -> float | None:
        """Return the seconds left; None as long as that is not known within a factor of two.

        Args:
            now: Seconds, of a clock that never goes back.
            done: How much is done.
            total: Of how much.
        """
        if self._began is None:
            self._began = now
        spent = now - self._began
        if not 0 < done <= total or spent <= 0:
            return None
        left = spent * (total - done) / done
        self._ends.append((now, left))
        while now - self._ends[0][0] > WATCHED_SECONDS:
            self._ends.popleft()
        if now - self._ends[0][0] < min(LEAST_SECONDS, WATCHED_SECONDS) or spent < LEAST_SECONDS:
            return None
        # Each estimate as of now, less the time since it was made.
        known = [max(one - (now - then), 0.0) for then, one in self._ends]
        return left if max(known) <= LARGEST_RATIO * max(min(known), 1.0) else None


def in_words(seconds: float) -> str:
    """Return a time as one says it: ``20 s``, ``about 3 minutes``."""
    if seconds < 55:
        return f"about {max(5, round(seconds / 5) * 5)} s"
    minutes = max(round(seconds / 60), 1)
    if minutes < 90:
        return f"about {minutes} minute{'s' if minutes > 1 else ''}"
    return f"about {round(minutes / 60)} hours"
