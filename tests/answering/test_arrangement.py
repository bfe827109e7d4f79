"""In which order the entries that a question finds are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeEncoder
from indexes import Case, ready

from assistant.answering import arrangement
from assistant.answering.answer import ask
from assistant.results import Result
from assistant.search.searcher import Searcher

pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A place for notes and their index."""
    return Case(tmp_path)


def results(case: Case, question: str) -> Iterator[Result]:
    """Yield what answers a question, best first."""
    case.build()
    searcher = Searcher(case.index, ready(FakeEncoder(case.encoder.card)))
    yield from ask(searcher, question, 10).results
    searcher.close()


def shown(case: Case, question: str) -> list[str]:
    """Return the notes and last headings of what answers a question, best first."""
    return [" ".join([r.note, *r.headings[-1:]]) for r in results(case, question)]


@pytest.mark.parametrize(
    "body",
    [
        *("", "\n\n", "- \n- ", "- [ ] \n- [ ]", "1. \n", "> \n", "---", "…", "|  |  |\n|--|:-:|"),
        *("<!-- what went\nwell? -->", "%% fill in %%", "{{date}}", "<% tp.file.title %>"),
    ],
)
def test_forms_to_be_filled_in_say_nothing(body: str) -> None:
    """Marks of lists, tasks and tables, comments, and what a template fills in."""
    assert arrangement.is_empty(body)


@pytest.mark.parametrize("body", ["- a", "42", "Twice. No 1.", "![](a.png)", "`x`", "<br>", "好"])
def test_whatever_is_said_is_said(body: str) -> None:
    """However short it is, also a picture or code."""
    assert not arrangement.is_empty(body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("- [[boiler#Refill]]\n- [[boiler|The boiler]]", True),
        ("1. [Refill](home/boiler.md#refill)\n2. [Light](<a b.md>)\n\n[x](#x), [y](y.md)", True),
        ("- [ ] a\n- [[b]]", False),
        ("- [[boiler]]: every autumn\n- [[meter]]", False),
        ("- [[boiler]]", False),
        ("- [Docs](https://example.org)\n- [More](http://example.org/x)", False),
        ("![[picture.png]]\n![[other.png]]", False),
        ("", False),
    ],
)
def test_a_list_of_links_alone_is_contents(body: str, expected: bool) -> None:
    """Links to notes and headings, two at least; what leads outside is content."""
    assert arrangement.is_contents(body) == expected


def test_a_form_is_behind_what_is_filled_in(case: Case) -> None:
    """However near its heading is: what went well stands in one week, and in no other."""
    for week in ("w1", "w2", "w3"):
        case.write(f"{week}.md", "## What went well\n\n- \n\n## Weather\n\nIt rained.\n")
    case.write("w4.md", "## What went well\n\nThe exhibition, with many more words than that.\n")

    assert shown(case, "what went well")[0] == "w4.md What went well"
    assert shown(case, "what went well")[-1].endswith("What went well")


def test_what_only_its_heading_says_is_second_at_worst(case: Case) -> None:
    """A heading that no other note has may be all that a note says, but it is no answer."""
    case.write("ideas.md", "## Paint the fence\n\n## Other\n\nMend the roof of the shed.\n")

    assert shown(case, "paint the fence") == ["ideas.md Other", "ideas.md Paint the fence"]


@pytest.mark.parametrize(("question", "is_found"), [("quotes", False), ("plot", True)])
def test_what_is_still_to_be_written_is_not_found(
    case: Case, monkeypatch: pytest.MonkeyPatch, question: str, is_found: bool
) -> None:
    """Where the heading that is asked for has nothing below, what comes instead is doubtful."""
    monkeypatch.setattr("assistant.answering.verdict.verdict", lambda _: "found")
    monkeypatch.setattr("assistant.answering.judging.grounding.support", lambda _: 0.9)
    case.write("book.md", "## Quotes\n\n## Plot\n\nThey go to sea, and the plot ends there.\n")
    case.write("other.md", "## Quotes\n\n")
    case.build()
    searcher = Searcher(case.index, ready(FakeEncoder(case.encoder.card)))

    answer = ask(searcher, question)
    searcher.close()

    assert answer.results[0].headings[-1] == "Plot"
    assert (answer.verdict == "found") == is_found


def test_contents_are_behind_what_they_point_to(case: Case) -> None:
    """A list of links has the words of all, and the answer of none."""
    case.write("boiler.md", "## Refill the boiler\n\nOpen the tap, and close it at two bar.\n")
    case.write("apples.md", "## Storing\n\nIn the cellar, where it is dark and cool, on straw.\n")
    links = "- [Refill the boiler](boiler.md#refill-the-boiler)\n- [[apples#Storing]]\n"
    case.write("MOC.md", f"## Refill the boiler\n\n{links}")

    found = shown(case, "refill the boiler")

    assert found.index("boiler.md Refill the boiler") < found.index("MOC.md Refill the boiler")
    assert found.index("apples.md Storing") < found.index("MOC.md Refill the boiler")


def test_equal_texts_are_one_result(case: Case) -> None:
    """It names the other notes, and what they have besides is a result of its own."""
    for path in ("boiler.md", "boiler copy.md", "old/boiler.md"):
        case.write(path, f"## Refill\n\nOpen the tap.\n\n## Only here\n\nThe tap of {path}.\n")

    found = list(results(case, "refill: open the tap"))
    (first,) = [result for result in found if result.headings == ("Refill",)]

    assert {first.note, *first.also} == {"boiler.md", "boiler copy.md", "old/boiler.md"}
    assert len(first.also) == 2
    assert [result.rank for result in found] == [1, 2, 3, 4]
    assert all(result.also == () for result in found if result is not first)


def test_equal_texts_of_one_note_are_two(case: Case) -> None:
    """The headings above tell them apart."""
    text = "### Usage\n\nCall it twice.\n"
    case.write("a.md", f"# A\n\n## One\n\nx\n\n{text}\n## Two\n\ny\n\n{text}")

    paths = [result.headings for result in results(case, "usage: call it twice")]

    assert {("One", "Usage"), ("Two", "Usage")} <= set(paths)


def test_one_note_does_not_fill_the_top(case: Case) -> None:
    """Where another is near, it is the third result; where none is, the note has all three."""
    case.write("long.md", "".join(f"## Tap {i}\n\nThe tap drips.\n\n" for i in "abcd"))
    case.write("near.md", "## Tap x\n\nThe tap drips.\n")
    near = [name.split()[0] for name in shown(case, "the tap drips")]
    case.write("near.md", "## Weather\n\nIt rained, and the cellar was full of water.\n")
    far = [name.split()[0] for name in shown(case, "the tap drips")]

    assert near[:3].count("near.md") == 1
    assert sorted(near) == sorted(["near.md", *["long.md"] * 4])
    assert far == [*["long.md"] * 4, "near.md"]


def test_of_two_that_say_the_same_the_newer_leads(case: Case) -> None:
    """The older one says so; the time of a file, as of a fresh copy, counts for nothing."""
    text = "## Wifi of the hut\n\nThe password of the wifi in the hut is pinned to the door, {}.\n"
    case.write("2023-04-01.md", text.format("on a red card"))
    case.write("2025-06-02.md", text.format("on a blue card"))
    case.write("undated.md", text.format("on a green card"))

    found = list(results(case, "wifi of the hut"))
    told = {result.note: (result.date_from, result.is_older) for result in found}

    assert told["2025-06-02.md"] == ("name", False)
    assert told["2023-04-01.md"] == ("name", True)
    assert told["undated.md"] == ("file", False)
    order = [result.note for result in found]
    assert order.index("2025-06-02.md") < order.index("2023-04-01.md")


def test_a_heading_that_is_a_day_dates_its_entry(case: Case) -> None:
    """Of a log, each entry has a date of its own."""
    case.write("log.md", "## 2025-01-14\n\nMoved the server.\n\n## Ideas\n\nA larger server.\n")

    found = {result.headings[-1]: result for result in results(case, "server")}

    assert (found["2025-01-14"].date, found["2025-01-14"].date_from) == ("2025-01-14", "heading")
    assert found["Ideas"].date_from == "file"
