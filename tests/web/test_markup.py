"""Tests of passages as safe pieces."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notes_of_page import HOSTILE

from assistant.web.markup import Links, to_html
from assistant.web.markup.formulas import ATTRIBUTES as OF_FORMULAS
from assistant.web.markup.formulas import ELEMENTS, to_mathml

TAGS = ELEMENTS | frozenset(
    "a blockquote br button code del div em h3 hr img input kbd li mark ol p pre s span strong sub"
    " sup table tbody td th thead tr ul".split()
)
ATTRIBUTES = OF_FORMULAS | frozenset(
    "alt alttext aria-label checked class disabled href loading rel src start style target title"
    " type".split()
)


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


LINKS = Links(
    entry=lambda note, heading: f"?read={note}" if note in ("Eggs", "b.md") else "",
    image=lambda name: f"/note-image?{name}" if name == "egg.png" else "",
)
"""As the page finds what notes point to."""


def html_of(text: str, highlight: tuple[int, int] = (0, 0), links: Links = LINKS) -> str:
    """The HTML of a passage."""
    return to_html(text, highlight, links=links)


def marked(text: str, best: str) -> str:
    """The HTML of a passage with a sentence of it marked."""
    start = text.index(best)
    return html_of(text, (start, start + len(best)))


def assert_harmless(html: str) -> None:
    """Nothing but plain elements, without a way to run or load anything."""
    for tag, attributes in Elements(html).tags:
        assert tag in TAGS
        assert attributes.keys() <= ATTRIBUTES
        href = attributes.get("href") or "http://"
        assert re.match(r"https?://|mailto:|\?read=(Eggs|b\.md)$", href, re.IGNORECASE)
        assert re.match(r"/note-image\?egg.png$", attributes.get("src") or "/note-image?egg.png")
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
        "".join(c for c in Elements(html_of(text, span)).text if c.isalnum())
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
        ("## Head\n\ntext", "## Head", "<h3><mark>Head</mark></h3>"),
        ("> quote one\n> two", "> quote one", "<mark>quote one</mark>"),
        ("先。再`x`。", "再`x`。", "先。<mark>再</mark><mark><code>x</code></mark>"),
    ],
)
def test_best_sentence_is_marked(text: str, best: str, expected: str) -> None:
    """The best sentence is marked in whatever block it stands, within the elements it crosses."""
    assert expected in marked(text, best)


def test_code_is_coloured_and_can_be_copied() -> None:
    """A fence keeps its text, escaped, with a button; its language is told."""
    html = html_of("a\n\n```Python title=x\nx = '<b>'\n\ty\n```\n\n    indented\n")

    assert Elements(html).text.startswith("a\nx = '<b>'\n\ty")
    assert '<span class="language">python</span>' in html
    assert '<span class="n">' not in html_of("```nothing\n1\n```")
    assert html.count('class="copy"') == 2


def test_code_inside_a_list_stays_there_with_a_button() -> None:
    """A list is not torn apart by its code, whose text is escaped."""
    html = html_of("1. Do it:\n\n   ```text\n   <b>&amp;</b>\n   ```\n2. Done.\n")

    assert "<code>&lt;b&gt;&amp;amp;&lt;/b&gt;</code>" in html
    assert html.count('class="copy"') == 1
    assert html.count("<ol>") == 1


def test_what_was_printed_looks_unlike_code() -> None:
    """A block of output has a look of its own; a diagram is shown as its source, and says so."""
    assert 'class="output code"' in html_of("```output\n42\n```")
    assert "mermaid, as its source" in html_of("```mermaid\ngraph TD\n```")


def test_what_lies_deep_is_shown() -> None:
    """Lists within lists keep their words down to a depth that no note needs."""
    text = "".join(f"{'  ' * level}- level {level}\n" for level in range(40))

    assert html_of(text).count("level") == 40


@pytest.mark.parametrize(
    ("text", "best", "expected"),
    [
        ("a\n\n```\nx=1\n  y=2\n```\n", "  y=2", "x=1\n<mark>  y=2</mark>"),
        ("a\n\n    one\n    two\n", "two", "one\n<mark>two</mark>"),
        ("```\none\ntwo\nthree\n```", "two\nthree", "one\n<mark>two</mark>\n<mark>three</mark>"),
        ("- a\n\n  ```\n  one\n  two\n  ```", "two", "one\n<mark>two</mark>"),
    ],
)
def test_best_line_of_code_is_marked_in_it(text: str, best: str, expected: str) -> None:
    """Where the best sentence is code, its lines are marked where they stand."""
    assert expected in marked(text, best)


def test_passage_stands_out_where_it_is_not_all() -> None:
    """Blocks of what was found are told from the rest of the entry."""
    text = "one\n\ntwo\n\nthree"
    at = text.index("two")

    assert to_html(text, passage=(at, at + 3)).count('class="found"') == 1
    assert '<p class="found">two' in to_html(text, passage=(at, at + 3))


def test_dollars_are_formulas_only_where_they_close() -> None:
    """Prices are prices; a formula is typeset."""
    html = html_of(r"costs $5 and $6, $x^2$, \$a\$, `$b$`")

    assert "costs $5 and $6, " in html
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in html
    assert ", $a$, <code>$b$</code>" in html


def test_formula_on_lines_of_its_own_is_displayed() -> None:
    """It is typeset as a block, and its source is what is read aloud."""
    html = html_of("$$\n\\frac{a}{b}\n$$")

    assert '<div class="formula"><math display="block" alttext="\\frac{a}{b}">' in html


def test_formula_that_could_lead_elsewhere_stays_text() -> None:
    """Links, images, boxes and macros are not typeset."""
    for source in (r"\href{x}{y}", r"\includegraphics{x}", r"\rule{9em}{9em}", r"\def\a{\a\a}\a"):
        assert "<math" not in html_of(f"$$\n{source}\n$$")


@given(st.text(alphabet=r"\{}^_&<>\"'/=%$#~ abtexhrfimg\n", max_size=60))
def test_any_formula_is_harmless(source: str) -> None:
    """Whatever is written as LaTeX, nothing but elements of formulas comes of it."""
    for block in (False, True):
        html = to_mathml(source, block=block)
        for tag, attributes in Elements(html).tags:
            assert tag in ELEMENTS | {"code"}
            assert attributes.keys() <= OF_FORMULAS | {"alttext", "class"}


def test_html_in_a_formula_is_text() -> None:
    """The library joins its MathML without escaping: what it is given must stay text."""
    html = to_mathml(r"\text{<img src=x onerror=alert(1)>} & 3 < 4", block=False)

    assert "<img" not in html
    assert "<img\xa0src=x\xa0onerror=alert(1)>" in Elements(html).text


def test_links_to_notes_lead_to_their_entries() -> None:
    """Relative links and wikilinks are followed where there is such an entry."""
    assert '<a href="?read=b.md" class="to-entry">b</a>' in html_of("[b](b.md)")
    assert '<a href="?read=Eggs" class="to-entry">fried</a>' in html_of("[[Eggs#Fry|fried]]")
    assert '<a href="?read=Eggs" class="to-entry">Eggs › Fry</a>' in html_of("[[Eggs#Fry]]")
    assert '<span class="note-link" title="c.md">c</span>' in html_of("[c](c.md)")
    assert html_of("[[1, 2], [3, 4]] and [[None]]") == "<p>[[1, 2], [3, 4]] and [[None]]</p>"
    assert "<mark>See </mark>" in marked("See [[Eggs]] now.", "See [[Eggs]] now.")


def test_images_of_the_notes_are_shown_and_others_are_links() -> None:
    """An image is loaded from the notes folder alone."""
    shown = '<img src="/note-image?egg.png" alt="an egg" loading="lazy"'
    assert shown in html_of("![an egg](egg.png)")
    assert '<img src="/note-image?egg.png" alt="egg.png"' in html_of("![[egg.png|300]]")
    assert html_of("![x](http://e.example/x.png)").startswith('<p><a href="http://e.example/x.png"')
    assert html_of("![x](none.png)").startswith(
        '<p><span class="note-link" title="none.png">image: x'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "> [!warning] Hot\n> Wait.",
            '<blockquote class="callout bad">\n<p class="callout-title">Hot',
        ),
        ("> [!note]-\n> Wait.", '<p class="callout-title">Note</p><p>Wait.</p>'),
        (
            "!!! tip\n    Salt it.",
            '<div class="callout good">\n<p class="callout-title">Tip</p><p>Salt it',
        ),
        ('=== "Pan"\n    Fry.', '<p class="callout-title">Pan</p><p>Fry.</p>'),
        ("- [ ] open", '<li><input type="checkbox" disabled aria-label="to do"> open</li>'),
        ("- [x] done", '<input type="checkbox" disabled checked aria-label="done"> done'),
        (
            "salt[^1]\n\n[^1]: Or *not*.",
            'salt<sup>1</sup></p>\n<div class="footnote">\n<sup>1</sup><p>Or',
        ),
        ("a\n\n[b]: http://c.example", "<p>a</p>"),
        ("| a |\n|---|\n| b |", '<div class="table"><table>'),
        ("H<sub>2</sub>O<br/>x <SUB>y</SUB>", "H<sub>2</sub>O<br>x <sub>y</sub>"),
        ("x <sub onclick=alert(1)>y", "x &lt;sub onclick=alert(1)&gt;y"),
    ],
)
def test_what_people_write_is_shown(text: str, expected: str) -> None:
    """Callouts, tasks, footnotes, tables and plain tags look like what they are."""
    assert expected in html_of(text)


def test_hidden_characters_are_made_visible() -> None:
    """Overrides of direction show; tabs in code stay tabs."""
    html = html_of("a\u202eb\n\n```\n\tx\n```")

    assert "\\u{202e}" in html
    assert "<code>\tx</code>" in html
