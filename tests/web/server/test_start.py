"""Tests of how the page is started, and of its words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from assistant.errors import UsageError
from assistant.rendering.editor_link import link
from assistant.results import Answer, Result
from assistant.settings.load import Settings
from assistant.settings.options import EDITOR_LINK
from assistant.web import html
from assistant.web.server import options, start

ROOT = Path(__file__).parents[3]


def flat(table: dict[str, object], prefix: str = "") -> dict[str, object]:
    """The settings of a TOML table by dotted name."""
    found: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def test_both_ways_to_start_agree() -> None:
    """``streamlit run app.py`` and ``assistant web`` start the page with the same options."""
    file = flat(tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")))

    assert file == options.OPTIONS
    assert file["server.address"] == "127.0.0.1"
    assert file["browser.gatherUsageStats"] is False


def test_page_is_found_from_an_installed_package() -> None:
    """The script that Streamlit runs lies in the package."""
    assert start.SCRIPT.is_file()


def test_port_in_use_is_told_or_passed_over() -> None:
    """A port that was asked for must be free; otherwise the next free one is taken."""
    with start.listen() as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is in use"):
            start.listen(port)
        with start.listen() as other:
            assert other.getsockname()[1] != port
            assert other.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "text",
    [
        "a *b* _c_ `d` [e](f) ![g](http://h/i.png) <b>j</b>",
        "1. x",
        "# x",
        "- x",
        "a | b",
        "$x$ ~~y~~",
        "&amp; \\ \"q\" 'r'",
        "http://x.y",
    ],
)
def test_label_is_text(text: str) -> None:
    """A label reads as the text it was made of, whatever Markdown it looks like."""
    (line,) = MarkdownIt("commonmark").enable("strikethrough").parseInline(html.label(text))
    children = line.children or []

    assert {child.type for child in children} == {"text"} or len(children) == 1
    assert "".join(c.content for c in children).replace("\u2060", "") == text


@pytest.mark.parametrize(
    "text", [":smile:", ":material/home:", ":red[x]", "->", "<-", "-->", ">=", "<=", ":+1:"]
)
def test_label_holds_no_directive(text: str) -> None:
    """What Streamlit would turn into an icon, a colour or an arrow is broken up."""
    assert text not in html.label(text).replace("\\", "")


def test_html_of_heads_is_escaped() -> None:
    """Headings, names of notes and remarks come out as text."""
    result = Result(
        1, 0.9, "<b>.md", Path("/b"), ("<script>", "a\u202eb"), (1, 1), "<i>x</i>", (0, 8)
    )
    head = html.results(Answer("q", "found", (result,)), ['?q="><img>'])

    assert not re.search("<(b|script|i|img)>", head)
    assert "\u202e" not in head


def test_verdict_reads_without_colour() -> None:
    """Every verdict has a sign and a sentence of its own."""
    said = [html.verdict(Answer("q", verdict, ())) for verdict in ("found", "weak", "none")]

    assert len({line.split("</p>")[0] for line in said}) == 3
    assert "do not answer" in said[2]


def test_editor_link_is_quoted() -> None:
    """A path with blanks and signs makes one address."""
    address = link(Settings().editor_link, Path("/a b/c#d?.md"), 7)

    assert address == "vscode://file/a%20b/c%23d%3F.md:7"


@pytest.mark.parametrize("form", ["javascript:{path}", "data:{path}", "vscode://file", "{path}"])
def test_editor_link_must_be_an_address(form: str) -> None:
    """A setting that could run code, or has no place for the path, is refused."""
    assert not EDITOR_LINK.match(form)
    assert EDITOR_LINK.match("idea://open?file={path}&line={line}")
