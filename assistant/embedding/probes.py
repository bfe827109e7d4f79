"""Questions of many fields that one person's notes usually do not answer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("data") / "probes.tsv"
OTHER_FILE = FILE.with_name("probes-other.tsv")


@cache
def read() -> tuple[tuple[str, str, str], ...]:
    """Return language (``en`` or ``zh``), field and text of each question, in the file's order."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return tuple((language, field, question) for language, field, question in rows)


@cache
def of_others() -> tuple[tuple[str, str], ...]:
    """Return language and text of each question in other languages, in the file's order."""
    lines = OTHER_FILE.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return tuple((language, question) for language, question in rows)
