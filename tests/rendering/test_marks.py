"""Markdown as a terminal shows it: marks gone, and what they stand for there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from rich.text import Text

from assistant.rendering import formulas
from assistant.rendering.highlighting import painted
from assistant.rendering.lines import read_lines
from assistant.rendering.marks import formulas_read, in_columns, unmarked

WIDTH = 60


def rows(text: str, width: int = WIDTH) -> list[Text]:
    """Return the lines of a passage as they are shown."""
    lines = read_lines(text)
    parts = painted(text, lines).divide([at for one in lines for at in (one.start, one.end)])[1::2]
    read = formulas_read(parts, lines)
    plain = [unmarked(part, line) for part, line in zip(read, lines, strict=True)]
    return in_columns(plain, lines, width)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("See [the docs](https://a.example/b_(c)) now", "See the docs now"),
        ("[[note|a name]] and [[deep/note]]", "a name and deep/note"),
        ("<https://a.example>", "https://a.example"),
        ("![a chart](x.png)", "image: a chart"),
        ("**bold `code` here** and *so* and __that__", "bold code here and so and that"),
        ("`a ** b` and ``c ` d``", "a ** b and c ` d"),
        ("~~gone~~ and ==lit==", "gone and lit"),
        ("2 * 3 * 4, a_b_c, **, `", "2 * 3 * 4, a_b_c, **, `"),
        ("it costs $5 or $6", "it costs $5 or $6"),
        ("it costs $5/$6, US$7", "it costs $5/$6, US$7"),
        ("with $12 n$ bytes", "with 12 n bytes"),
        (r"where $\alpha \leq x^2$ holds", "where α ≤ x² holds"),
        ("- [ ] do", "☐ do"),
        ("  - [x] done", "  ☑ done"),
        ("* item", "• item"),
        ("1. first", "1. first"),
        ("> quoted", "│ quoted"),
        ("> [!tip]- Do **it**", "│ Tip: Do it"),
        ("## A `b` heading", "A b heading"),
        ("[1, 2](not a link)", "[1, 2](not a link)"),
        ("", ""),
    ],
)
def test_a_line(written: str, seen: str) -> None:
    """Marks become what they stand for, and what is no mark stays."""
    (row,) = rows(written)
    assert row.plain == seen


def test_code_stays_as_it_is() -> None:
    """Nothing between fences is read as a mark."""
    text = "```md\n**a** [b](c) $x$\n| a | b |\n```"
    assert [row.plain for row in rows(text)] == text.split("\n")


def test_links_lead_somewhere_harmless() -> None:
    """Web addresses are links of the terminal; whatever else stands there is text alone."""
    leads = {}
    web, others = ("https://a.example", "mailto:a@b.c"), ("javascript:x", "file:///etc/x", "a.md")
    for target in (*web, *others):
        (row,) = rows(f"[t]({target})")
        styles = [span.style for span in row.spans if isinstance(span.style, Style)]
        leads[target] = next((style.link for style in styles if style.link), None)
    assert leads == {**{one: one for one in web}, **dict.fromkeys(others)}


def test_a_table_stands_in_columns() -> None:
    """Cells are below each other, numbers at the right, bars and dashes gone."""
    text = "before\n| Lamp | Watt |\n|---|--:|\n| desk `a` | 40 |\n| 落地灯 | 100 |\n"
    assert [row.plain for row in rows(text)] == [
        *("before", "Lamp    Watt", "──────  ────", "desk a    40", "落地灯   100", "")
    ]


def test_a_table_that_is_too_wide_stays() -> None:
    """It is wrapped as it is written."""
    text = "| a | b |\n|---|---|\n| " + "x" * 80 + " | y |"
    assert [row.plain for row in rows(text)] == text.split("\n")


def test_displayed_formulas() -> None:
    """Between dollars the lines are read as formulas, and the dollars take no row."""
    text = "so\n$$\nE = \\frac{1}{2} m v^2\n$$\nand $$ x_i $$"
    assert [row.plain for row in rows(text)][:4] == ["so", "", "  E = ½ m v²", ""]


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\frac{a+b}{2c}", "(a+b)/2c"),
        (r"\sqrt{x^2 + y^2}", "√(x² + y²)"),
        (r"\sum_{i=1}^{n} x_i", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\text{if } x \in \mathbb{R}", "if x ∈ R"),
        (r"e^{-\lambda t}", "e^(-λ t)"),
        (r"\left( \partial f / \partial x \right)", "( ∂ f / ∂ x )"),
        (r"A \Rightarrow B", "A ⇒ B"),
        (r"\unknown{x}", r"\unknown{x}"),
        (r"100\%", "100%"),
        ("{" * 5000, "{" * 5000),
    ],
)
def test_formulas(tex: str, text: str) -> None:
    """What is known becomes signs, and what is not stays readable."""
    assert formulas.readable(tex) == text


@given(st.text(alphabet="ab `*_~=$[]()|>#-!\\{}^\n", max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    """Every line stays one line, and no letter of prose is lost."""
    shown = rows(text)
    assert len(shown) == len(read_lines(text))
    assert all("\n" not in row.plain for row in shown)
