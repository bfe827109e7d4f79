"""What CONTRIBUTING.md points to is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_each_question_is_answered_by_two_files_at_most() -> None:
    """The table "Where to look" names files that exist, and few."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = page.partition("## Where to look")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ") and "?" in line]

    assert len(rows) >= 5
    for row in rows:
        files = re.findall(r"`([\w/]+\.py)`", row)
        assert 1 <= len(files) <= 2, row
        assert [file for file in files if not (ROOT / file).is_file()] == []
