"""Words and HTML of the page, made of text that may come from anywhere. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.rendering import also_in, certainty, remarks, state_remarks, verdict_line
from assistant.results import Answer, Result, Verdict
from assistant.text import SEPARATOR, printable_line

STYLE = Path(__file__).with_name("static") / "page.css"

SIGNS: dict[Verdict, str] = {"found": "✓", "weak": "?", "none": "✗"}
"""Signs of the verdicts, to be read without colour."""

_JOINER = "\u2060"
# Streamlit reads emoji, icons, colours and arrows even where Markdown is escaped; a word joiner,
# which has no width, keeps their signs apart.
_DIRECTIVE = re.compile(r"(?<=[:<>=~-])(?=[\w<>=~+-])")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def label(text: str) -> str:
    """Return text so that Streamlit's Markdown shows it as it stands, on one line."""
    return _PUNCTUATION.sub(r"\\\1", _DIRECTIVE.sub(_JOINER, printable_line(text)))


def escaped(text: str) -> str:
    """Return text on one line for HTML."""
    return html.escape(printable_line(text))


def breadcrumb(note: str, headings: Sequence[str]) -> str:
    """Return where an entry stands, as HTML."""
    steps = [f'<span class="note">{escaped(note)}</span>']
    steps += [f"<span>{escaped(heading)}</span>" for heading in headings]
    return f'<span class="crumbs">{SEPARATOR.join(steps)}</span>'


def place(lines: tuple[int, int]) -> str:
    """Return line numbers in words."""
    first, last = lines
    return f"line {first}" if first == last else f"lines {first}–{last}"


def result_head(result: Result) -> str:
    """Return what stands above a passage, as HTML."""
    words = certainty(result.score)
    return (
        f'<div class="result-head"><span class="rank">{result.rank}</span>'
        f"{breadcrumb(result.note, result.headings)}"
        f'<span class="place">{place(result.lines)}</span>'
        f'<span class="certainty c-{words.replace(" ", "-")}">{words}</span></div>'
    )


def result_foot(result: Result) -> str:
    """Return what stands below a passage, as HTML: other notes with the same text, if there are."""
    return "".join(f'<p class="remark">{escaped(line)}</p>' for line in also_in(result))


def entry_head(row: int, note: str, headings: Sequence[str], lines: tuple[int, int]) -> str:
    """Return what stands above an entry that nobody asked for, as HTML."""
    return (
        f'<div class="result-head" data-row="{row}">{breadcrumb(note, headings)}'
        f'<span class="place">{place(lines)}</span></div>'
    )


def verdict(answer: Answer) -> str:
    """Return how far the notes answer, and what else there is to know, as HTML."""
    head = (
        f'<p class="verdict v-{answer.verdict}" role="status">'
        f'<span aria-hidden="true">{SIGNS[answer.verdict]}</span> '
        f"{html.escape(verdict_line(answer))}</p>"
    )
    lines = [*remarks(answer), *state_remarks(answer)]
    return head + "".join(f'<p class="remark">{escaped(line)}</p>' for line in lines)


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Return names and values as an HTML table."""
    cells = (
        f'<tr><th scope="row">{escaped(name)}</th><td>{escaped(value)}</td></tr>'
        for name, value in rows
    )
    return f'<table class="facts"><tbody>{"".join(cells)}</tbody></table>'


def listing(items: Iterable[str]) -> str:
    """Return lines as an HTML list."""
    return f"<ul>{''.join(f'<li>{escaped(item)}</li>' for item in items)}</ul>"
