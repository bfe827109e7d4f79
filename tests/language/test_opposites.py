"""Words that mean the opposite of each other."""

from __future__ import annotations

import pytest

from assistant.language import opposites


def is_opposite(question: str, heading: str) -> bool:
    """Return whether a heading says the opposite of a question."""
    return opposites.is_opposite(question, opposites.of_question(question), heading)


@pytest.mark.parametrize(
    ("question", "same", "opposite"),
    [
        ("how do I unmount the usb drive", "Eject a disk", "Mount a disk"),
        ("dip with garlic", "Dip with garlic", "Dip without garlic"),
        ("alarm on", "Turn the alarm on", "Switch off the alarm"),
        ("pills after eating", "After meals", "Before meals"),
        ("undo the commit but keep my changes", "Undo, keep files", "Undo and discard files"),
        ("from the nas to the laptop", "NAS to laptop", "Laptop to NAS"),
        ("make an encrypted file readable", "Decrypt a file", "Unreadable files"),
    ],
)
def test_a_heading_that_says_the_opposite(question: str, same: str, opposite: str) -> None:
    """Only the heading with the other word of a pair, or the other way round, is against it."""
    assert is_opposite(question, opposite)
    assert not is_opposite(question, same)


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("turn the alarm on or off", "Switch off the alarm"),
        ("difference between push and pull", "git pull"),
        ("open the door", "Open and close the door"),
        ("open the door", "The door"),
        ("move a to b", "How to sort"),
    ],
)
def test_what_says_both_says_nothing(question: str, heading: str) -> None:
    """Both words in the question or in the heading, or none, tell nothing."""
    assert not is_opposite(question, heading)
