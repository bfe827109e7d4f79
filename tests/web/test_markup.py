"""Tests of passages as safe pieces."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notes_of_page import HOSTILE

from assistant.results import Code
from assistant.web.markup import Piece, pieces

TAGS = frozenset(
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li mark ol p pre s span strong table tbody td"
    " th thead tr ul".split()
)
ATTRIBUTES = frozenset({"class", "href", "rel", "start", "style", "target", "title"})


class Elements(HTMLParser):
    """Collects the elements of some HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text += data


def html_of(text: str, highlight: tuple[int, int] = (0, 0)) -> str:
    """The HTML pieces of a passage."""
    return "".join(piece.text for piece in pieces(text, highlight) if piece.kind == "html")


def marked(text: str, best: str) -> str:
    """The HTML of a passage with a sentence of it marked."""
    start = text.index(best)
    return html_of(text, (start, start + len(best)))


def assert_harmless(html: str) -> None:
    """Nothing but plain elements, without a way to run or load anything."""
    for tag, attributes in Elements(html).tags:
        assert tag in TAGS
        assert attributes.keys() <= ATTRIBUTES
        assert re.match(r"https?://|mailto:", attributes.get("href") or "http://", re.IGNORECASE)
        style = attributes.get("style") or "text-align:left"
        assert re.fullmatch(r"text-align:(left|right|center)", style)


def test_hostile_note_is_text() -> None:
    """What would run or load something in a browser comes out as text, images as links."""
    html = html_of(HOSTILE)

    assert_harmless(html)
    text = Elements(html).text
    for harm in ("<script>window.pwned = 1</script>", ":red[reading] :smile:", "-> ok", "<iframe"):
        assert harm in text
    links = [found["href"] for tag, found in Elements(html).tags if tag == "a"]
    assert links == [
        "http://evil.example/h.png",
        "http://evil.example/pixel.png",
        "https://ok.example/",
        "http://evil.example/cell.png",
    ]


@given(st.text(alphabet="<>/\"'=![]()`*_~$\\#:-| \n&;axj0.", max_size=200))
def test_any_text_is_harmless(text: str) -> None:
    """No text whatever makes an element that could run or load anything."""
    assert_harmless(html_of(text, (0, len(text) // 2)))


@given(st.text(alphabet="!()`*_#- \n.。a|中\u1680\u205f", min_size=1, max_size=80), st.data())
def test_marking_loses_no_word(text: str, data: st.DataObject) -> None:
    """A passage with its best sentence marked holds every word that it holds without."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    plain, found = (
        "".join(c for piece in pieces(text, span) for c in Elements(piece.text).text if c.isalnum())
        for span in ((0, 0), (start, end))
    )
    assert found == plain


@pytest.mark.parametrize(
    ("text", "best", "expected"),
    [
        ("One. Two *three* four. Five.", "Two *three* four.", "<mark>Two </mark><em><mark>three"),
        ("- a one. b\n- c", "- a one.", "<li><mark>a one.</mark> b</li>"),
        ("**b. c.** d", "c.**", "<strong>b. <mark>c.</mark></strong>"),
        ("| a | b |\n|---|---|\n| c d | e |", "| c d | e |", "<td><mark>c d</mark></td>"),
        ("## Head\n\ntext", "## Head", "<h2><mark>Head</mark></h2>"),
        ("> quote one\n> two", "> quote one", "<mark>quote one</mark>"),
        ("先。再`x`。", "再`x`。", "先。<mark>再</mark><mark><code>x</code></mark>"),
    ],
)
def test_best_sentence_is_marked(text: str, best: str, expected: str) -> None:
    """The best sentence is marked in whatever block it stands, within the elements it crosses."""
    assert expected in marked(text, best)


def test_code_and_formulas_are_pieces_of_their_own() -> None:
    """Fences at the top level keep their language and text, formulas their source."""
    text = "a\n\n```Python title=x\nx = 1\n\ty\n```\n\n$$\nx^2\n$$\n\n    indented\n"

    assert pieces(text) == [
        Piece("html", "<p>a</p>"),
        Piece("code", "x = 1\n\ty", "python"),
        Piece("math", "x^2"),
        Piece("code", "indented"),
    ]


def test_code_inside_a_list_stays_there_with_a_button() -> None:
    """A list is not torn apart by its code, whose text is escaped."""
    (piece,) = pieces("1. Do it:\n\n   ```html\n   <b>&amp;</b>\n   ```\n2. Done.\n")

    assert piece.kind == "html"
    assert "<code>&lt;b&gt;&amp;amp;&lt;/b&gt;\n</code>" in piece.text
    assert piece.text.count('class="copy"') == 1
    assert piece.text.count("<ol>") == 1


def test_what_lies_deep_is_shown() -> None:
    """Lists within lists keep their words down to a depth that no note needs."""
    text = "".join(f"{'  ' * level}- level {level}\n" for level in range(40))

    assert html_of(text).count("level") == 40


def test_passage_cut_in_a_table_is_a_table() -> None:
    """Rows without their head are a table still, and the best of them is marked."""
    text = "| a | b |\n| c d | e |\n\nafter"
    html = marked(text, "| c d | e |")

    assert "<td>a</td>\n<td>b</td>" in html
    assert "<td><mark>c d</mark></td>\n<td><mark>e</mark></td>" in html
    assert html_of("| a | b |\n|---|---|\n| c | d |").count("<tr>") == 2
    assert "<td>" not in html_of("| a | b\nis no row")


def test_best_line_of_code_is_told() -> None:
    """Where the best sentence is a line of code, the piece says so."""
    text = "a\n\n```python\nx = 1\n  y = 2\n```\n"
    start = text.index("  y = 2")

    (_, code) = pieces(text, (start, start + 7))

    assert code.best == "y = 2"


def test_passage_cut_in_a_fence() -> None:
    """A passage that begins inside a fence begins with code, and the rest is Markdown."""
    text = "y = 2\n```\n\nAfter *it*."
    start = text.index("After")

    found = pieces(text, (start, len(text)), (Code("python", "x = 1\ny = 2\n"),))

    assert found[0] == Piece("code", "y = 2", "python")
    assert found[1].text.startswith("<p><mark>After ")


def test_dollars_are_formulas_only_where_they_close() -> None:
    """Prices are prices; a formula stays its source."""
    html = html_of(r"costs $5 and $6, $x^2$, \$a\$, `$b$`")

    assert "costs $5 and $6, " in html
    assert '<code class="math">x^2</code>, $a$, <code>$b$</code>' in html


def test_formula_that_could_lead_elsewhere_stays_text() -> None:
    """Links, images, boxes and macros are not typeset."""
    for source in (r"\href{x}{y}", r"\includegraphics{x}", r"\rule{9em}{9em}", r"\def\a{\a\a}\a"):
        assert {piece.kind for piece in pieces(f"$$\n{source}\n$$")} == {"html"}


def test_heading_can_be_left_out() -> None:
    """The heading that a passage begins with is left out on demand, unless it is the best."""
    text = "## Head\n\nBody."

    assert pieces(text, heading=False) == [Piece("html", "<p>Body.</p>")]
    assert "Head" in pieces(text, (0, 7), heading=False)[0].text


def test_relative_links_lead_nowhere() -> None:
    """A link to another note names it, since the page cannot follow it."""
    assert '<span class="note-link" title="b.md">b</span>' in html_of("[b](b.md)")


def test_hidden_characters_are_made_visible() -> None:
    """Overrides of direction show; tabs in code stay tabs."""
    (html, code) = pieces("a\u202eb\n\n```\n\tx\n```")

    assert "\\u{202e}" in html.text
    assert code.text == "\tx"
