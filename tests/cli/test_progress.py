"""How far a build is: in words, and the time left once it is known."""

from __future__ import annotations

import io

import pytest

from assistant.cli.terminal import progress
from assistant.cli.terminal.time_left import TimeLeft, in_words


def test_the_time_left_of_steady_work_is_told() -> None:
    """After a few seconds, and right."""
    left = TimeLeft()
    told = [left.at(float(second), second, 100) for second in range(21)]
    assert told[:3] == [None] * 3
    assert told[20] == pytest.approx(80)


def test_the_time_left_is_not_told_while_it_is_not_known() -> None:
    """Work whose pace changes tenfold has no time left until the estimates agree."""
    left = TimeLeft()
    done = 0.0
    told = []
    for second in range(60):
        done += 1 if second < 5 else 40
        told.append(left.at(float(second), int(done), 4000))
    assert told[6] is None
    known = [(second, one) for second, one in enumerate(told) if one is not None]
    assert known
    for second, one in known:
        true = (4000 - 5 - 40 * (second - 4)) / 40
        assert one <= 2.5 * true or second < 20


def test_times_in_words() -> None:
    """In seconds, minutes, hours, as far as one can know."""
    assert [in_words(one) for one in (3, 32, 61, 200, 4 * 3600)] == [
        *("about 5 s", "about 30 s", "about 1 minute", "about 3 minutes", "about 4 hours")
    ]


def test_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes on is told by and by: the model, the notes, the share."""
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.01)
    stream = io.StringIO()
    with progress.Bar(stream, begin=progress.LOADING) as bar:

        def wait(words: str) -> None:
            while words not in stream.getvalue():
                pass

        wait("loading the model\n")
        bar("reading", 3, 81)
        wait("reading: 3 of 81 notes\n")
        bar("embedding", 1, 3)
        wait("embedding 81 notes: 33 %\n")
