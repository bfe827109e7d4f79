"""The server of the page keeps nothing of questions and sessions that are over."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from page_server import Server
from raw_page import visit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

VIEWS = ("Ask", "Map", "Browse")

KEPT = 48.0
"""Megabytes by which the server may grow once it is warm, whatever comes: what the allocator keeps
for later, and what Streamlit keeps of sessions for two minutes, should they come back."""


def megabytes(server: Server) -> float:
    """What the server has in memory."""
    lines = (Path("/proc") / str(server.pid) / "status").read_text().splitlines()
    (resident,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(resident) / 1000


def growth(server: Server, warm: int, more: int, work: Callable[[int], object]) -> float:
    """By how many megabytes the server grows while something is done, once it is warm."""
    for turn in range(warm):
        work(turn)
    before = megabytes(server)
    for turn in range(warm, warm + more):
        work(turn)
    return megabytes(server) - before


def questions(server: Server, warm: int, more: int) -> float:
    """By how much the server grows while one session asks many questions, each another."""
    with visit(server) as run:

        def ask(turn: int) -> None:
            said = run(f"q=how+long+do+I+boil+{turn}+eggs&view={VIEWS[turn % len(VIEWS)]}")
            assert "Boil an egg" in said or turn % len(VIEWS)

        return growth(server, warm, more, ask)


def sessions(server: Server, warm: int, more: int, at_once: int) -> float:
    """By how much the server grows while many sessions come and go."""

    def come_and_go(turn: int) -> None:
        with ExitStack() as open_now:
            for number in range(at_once):
                run = open_now.enter_context(visit(server))
                assert "Boil an egg" in run(f"q=boil+{turn}+eggs+{number}")

    return growth(server, warm, more, come_and_go)


def test_memory_stays_flat(server: Server) -> None:
    """Over some questions and sessions; `make soak` has 2,000 and 50."""
    assert questions(server, 15, 30) < KEPT
    assert sessions(server, 1, 2, at_once=3) < KEPT


@pytest.mark.soak
def test_memory_stays_flat_over_many_questions(server: Server) -> None:
    """2,000 questions, each another, cost no more memory than the first hundreds."""
    grown = questions(server, 200, 2000)
    sys.stdout.write(f"the server grew by {grown:.1f} MB over 2,000 questions\n")
    assert grown < KEPT


@pytest.mark.soak
def test_memory_stays_flat_over_many_sessions(server: Server) -> None:
    """50 sessions, ten open at once, cost no more memory than the first ten."""
    grown = sessions(server, 1, 5, at_once=10)
    sys.stdout.write(f"the server grew by {grown:.1f} MB over 50 sessions\n")
    assert grown < KEPT
