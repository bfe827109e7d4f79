"""Words and HTML of the page, made of text that may come from anywhere. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from assistant.library import heading_of
from assistant.markdown import plain_text
from assistant.rendering import age, also_in, certainty, remarks, verdict_line
from assistant.results import Answer, Result, Verdict
from assistant.text import SEPARATOR, UNFOLLOWED, counted, printable_line

STYLE = Path(__file__).with_name("static") / "page.css"

SIGNS: dict[Verdict, str] = {"found": "✓", "weak": "?", "none": "✗"}
"""Signs of the verdicts, to be read without colour."""

LONGEST_LINE = 240
"""Characters of a passage that stand in the list of results."""

_JOINER = "\u2060"
# Streamlit reads emoji, icons, colours and arrows even where Markdown is escaped; a word joiner,
# which has no width, keeps their signs apart.
_DIRECTIVE = re.compile(r"(?<=[:<>=~-])(?=[\w<>=~+-])")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_MARKS = re.compile(r"\A[\s>]*(?:[-*+]|\d+[.)]|#{1,6})\s+(?:\[[ xX]\]\s+)?|`+|\*\*|[ \t]*\n[ \t>]*")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")


def label(text: str) -> str:
    """Return text so that Streamlit's Markdown shows it as it stands, on one line."""
    return _PUNCTUATION.sub(r"\\\1", _DIRECTIVE.sub(_JOINER, printable_line(text)))


def told(text: str) -> str:
    """Return words of ours as ``label`` does, with what stands between backticks as code."""
    parts = text.split("`")
    return "".join(
        f"`{printable_line(part)}`" if number % 2 and number + 1 < len(parts) else label(part)
        for number, part in enumerate(parts)
    )


def escaped(text: str) -> str:
    """Return text on one line for HTML."""
    return html.escape(printable_line(text))


def place(lines: tuple[int, int]) -> str:
    """Return line numbers in words."""
    first, last = lines
    return f"line {first}" if first == last else f"lines {first}–{last}"


def verdict(answer: Answer) -> str:
    """Return how far the notes answer, and what else there is to know, as HTML."""
    head = (
        f'<div class="verdict v-{answer.verdict}" role="status">'
        f'<h2><span aria-hidden="true">{SIGNS[answer.verdict]}</span> '
        f"{html.escape(verdict_line(answer))}</h2></div>"
    )
    lines = [*remarks(replace(answer, newer_notes=0, gone_notes=0)), *_state(answer)]
    return head + "".join(f'<p class="remark">{escaped(line)}</p>' for line in lines)


def _state(answer: Answer) -> list[str]:
    """Return what is amiss with the index; what mends it is a button beside it."""
    lines = []
    if answer.newer_notes:
        lines.append(f"{counted(answer.newer_notes, 'note is', 'notes are')} newer than the index.")
    if answer.gone_notes:
        notes = counted(answer.gone_notes, "note is", "notes are")
        lines.append(f"{notes} gone since the index was built.")
    if answer.built_otherwise:
        lines.append("The index was built by other rules than today's; it answers better anew.")
    if answer.unfollowed:
        lines.append(f"This index follows {UNFOLLOWED}.")
    if answer.unreadable:
        lines.append(f"{answer.unreadable}; the answer is from the index as it was built.")
    return lines


def results(answer: Answer, links: Sequence[str]) -> str:
    """Return the list of results as HTML.

    Args:
        answer: The answer.
        links: The address of each result on the page.
    """
    items = [_item(result, link) for result, link in zip(answer.results, links, strict=True)]
    kind = "results dim" if answer.verdict == "none" else "results"
    return f'<ol class="{kind}" aria-label="Results">{"".join(items)}</ol>' if items else ""


def _item(result: Result, link: str) -> str:
    """Return a line of the list: title, how sure, place, the best sentence."""
    words = certainty(result.score)
    above = SEPARATOR.join(map(escaped, (result.note, *result.headings[:-1])))
    dated = f" · {escaped(age(result))}" if age(result) else ""
    also = "".join(f'<span class="remark">{escaped(line)}</span>' for line in also_in(result))
    return (
        f'<li><a class="result" href="{html.escape(link)}"><span class="rank">{result.rank}</span>'
        f'<span class="title">{escaped(heading_of(result.headings))}</span>'
        f'<span class="certainty c-{words.replace(" ", "-")}">{words}</span>'
        f'<span class="line">{best_words(result)}</span>'
        f'<span class="place">{above}{dated}</span>{also}</a></li>'
    )


def best_words(result: Result) -> str:
    """Return the best sentence of a result on one line, without its marks, as HTML."""
    start, end = result.highlight
    read = plain_text.reading(result.snippet, start, end).text.strip()
    words = _MARKS.sub(lambda match: " " if "\n" in match[0] else "", _LINK.sub(r"\1", read))
    if words == heading_of(result.headings):
        return ""  # the heading is the best there is, and stands above it
    return escaped(words[:LONGEST_LINE] + ("…" if len(words) > LONGEST_LINE else ""))


def links(titles: Iterable[tuple[str, str]], kind: str) -> str:
    """Return addresses with their titles as an HTML list."""
    items = "".join(
        f'<li><a href="{html.escape(link)}">{escaped(title)}</a></li>' for link, title in titles
    )
    return f'<ul class="{kind}">{items}</ul>'


def query(**told: str) -> str:
    """Return the part of an address that says what there is to see."""
    return f"?{urlencode(told)}"


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
