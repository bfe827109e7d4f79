"""Answers as JSON, as plain text and on a terminal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from assistant.rendering.answers import certainty, to_json, to_plain
from assistant.rendering.excerpts import LEAST_HIDDEN, ROWS, excerpt, fitting, gaps
from assistant.rendering.lines import code_blocks, read_lines, window
from assistant.rendering.terminal import to_terminal
from assistant.results import Answer, Code, Result
from assistant.text import printable

if TYPE_CHECKING:
    from assistant.results import Verdict

UNSAFE = ("Cc", "Cs", "Zl", "Zp")
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")
NOTE = """\
Freeing memory takes two steps.

If you want to free memory, delete the tensor first:
```python
del tensor  # delete
torch.cuda.empty_cache()
```

Afterwards, look at `nvidia-smi`.
"""
SENTENCE = "If you want to free memory, delete the tensor first:"
HOSTILE = "a \t\n\r\x1b[]31m;\x07\x7f\x85\x9b\u202e\u2066\u200f\u2028\ud800好"

texts = st.text(st.characters(codec=None), max_size=40) | st.text(st.sampled_from(HOSTILE))
codes = st.lists(st.builds(Code, texts, texts), max_size=2).map(tuple)
few_texts = st.lists(texts, max_size=3).map(tuple)


@st.composite
def results(draw: st.DrawFn, rank: int = 1) -> Result:
    """Any result, its highlight somewhere in its snippet."""
    snippet = "\n".join(draw(st.lists(texts | st.sampled_from(["```python", "```"]), max_size=6)))
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(snippet))] * 2)))
    first = draw(st.integers(1, 99))
    return Result(
        rank=rank,
        score=draw(st.floats(0, 1)),
        note=draw(texts),
        absolute=Path("/notes") / draw(st.text("ab 好#%", min_size=1)),
        headings=draw(few_texts),
        lines=(first, first + snippet.count("\n")),
        snippet=snippet,
        highlight=(start, end),
        code=draw(codes),
        why=draw(few_texts),
        reasons=draw(few_texts),
        also=draw(few_texts),
        is_older=draw(st.booleans()),
    )


verdicts: st.SearchStrategy[Verdict] = st.sampled_from(["found", "weak", "none"])
answers = st.builds(
    Answer,
    question=texts,
    verdict=verdicts,
    results=st.tuples() | st.tuples(results()) | st.tuples(results(), results(rank=2)),
    searched_for=texts,
    lacking=few_texts,
    newer_notes=st.integers(0, 3),
)


def make_result(snippet: str = NOTE, sentence: str = SENTENCE) -> Result:
    """Return a result whose best sentence is ``best_sentence``."""
    start = snippet.index(sentence)
    return Result(
        rank=1,
        score=0.83,
        note="gpu.md",
        absolute=Path("/my notes/显存 50%.md"),
        headings=("GPU", "Free memory"),
        lines=(10, 10 + snippet.rstrip("\n").count("\n")),
        snippet=snippet,
        highlight=(start, start + len(sentence)),
    )


def styled(
    answer: Answer | Result,
    width: int = 80,
    height: int = 24,
    environ: dict[str, str] | None = None,
) -> str:
    """Return what a terminal receives."""
    if isinstance(answer, Result):
        answer = Answer("q", "found", (answer,))
    file = StringIO()
    console = Console(
        file=file,
        width=width,
        height=height,
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        _environ=environ or {},
    )
    to_terminal(answer, console)
    return file.getvalue()


def shown(answer: Answer | Result, width: int = 80, height: int = 24) -> str:
    """Return what a terminal shows, without styling."""
    return ESCAPES.sub("", styled(answer, width, height))


def body_rows(result: Result, width: int = 80, height: int = 24) -> list[str]:
    """Return the rows between the header and what to run for the whole entry."""
    return shown(result, width, height).split("\n\n", 1)[1].rsplit("\n\n", 1)[0].split("\n")


def cells(text: str) -> int:
    """Count terminal cells, by the Unicode database instead of rich."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def joined(value: object) -> object:
    """Join surrogate pairs, which JSON cannot tell from the character that they spell."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, (list, tuple)):
        return [joined(item) for item in value]
    return {key: joined(item) for key, item in value.items()} if isinstance(value, dict) else value


def expected_record(answer: Answer) -> dict[str, object]:
    """Spell the contract out once more."""
    return {
        "question": answer.question,
        "verdict": answer.verdict,
        **({"searched_for": answer.searched_for} if answer.searched_for else {}),
        **({"lacking": answer.lacking} if answer.lacking else {}),
        **({"newer_notes": answer.newer_notes} if answer.newer_notes else {}),
        "results": [
            {
                "rank": result.rank,
                "score": round(result.score, 4),
                "note": result.note,
                "file": str(result.absolute.absolute()),
                "line": result.lines[0] + result.snippet[: result.highlight[0]].count("\n"),
                "headings": result.headings,
                "lines": result.lines,
                "snippet": result.snippet,
                "highlight": result.highlight,
                "excerpt": excerpt(result),
                "code": [{"language": code.language, "text": code.text} for code in result.code],
                "date": result.date,
                "date_from": result.date_from,
                **({"older": True} if result.is_older else {}),
                **({"also": result.also} if result.also else {}),
                **({"why": result.why} if result.why else {}),
            }
            for result in answer.results
        ],
    }


def assert_harmless(text: str) -> None:
    """No character steers a terminal, and UTF-8 can write it."""
    assert [char for char in text if char in BIDI or unicodedata.category(char) in UNSAFE] == []
    text.encode()


@settings(max_examples=50)
@given(answers)
def test_json_round_trip(answer: Answer) -> None:
    """The JSON is one harmless line that reads back as the record, keys in the order promised."""
    line = to_json(answer)

    assert_harmless(line)
    assert joined(expected_record(answer)) == joined(json.loads(line))
    assert list(expected_record(answer)) == list(json.loads(line))


def test_json_keeps_chinese() -> None:
    """Chinese is written as itself; a score has four decimals."""
    result = replace(make_result("显存\x9b", "显存"), score=0.123456)

    line = to_json(Answer("怎么释放显存", "found", (result,)))

    assert '"怎么释放显存"' in line
    assert r'"显存\u009b"' in line
    assert '"score": 0.1235' in line


def test_json_refuses_nan() -> None:
    """A score that is not a number is a bug, never invalid JSON."""
    with pytest.raises(ValueError, match="JSON"):
        to_json(Answer("q", "found", (replace(make_result(), score=float("nan")),)))


@given(texts, texts)
def test_printable(left: str, right: str) -> None:
    """Nothing harmful is left, newlines stay, a second pass changes nothing, offsets carry over."""
    safe = printable(left + right)

    assert_harmless(safe.replace("\n", ""))
    assert (left + right).count("\n") == safe.count("\n")
    assert safe == printable(safe)
    assert safe.startswith(printable(left))


def test_printable_shows_what_it_replaces() -> None:
    """Controls become their pictures, others their code; joined emoji and words stay whole."""
    assert printable("\x1b[31m\ra\tb \x7f\x9b\u202e\ud800") == (
        "␛[31m␍a b ␡\\u{9b}\\u{202e}\\u{d800}"
    )
    assert printable("👩\u200d💻 می\u200cخواهم") == "👩\u200d💻 می\u200cخواهم"


@settings(max_examples=50)
@given(answers)
def test_plain_is_harmless(answer: Answer) -> None:
    """Plain text holds no control character but newlines."""
    assert_harmless(to_plain(answer).replace("\n", ""))


def test_plain() -> None:
    """Plain text says the verdict, then place, heading path and passage of each result."""
    answer = Answer("q", "found", (make_result(),), searched_for="free", newer_notes=2)

    assert to_plain(answer) == (
        "The notes answer this.\n"
        'Searched for "free".\n'
        "2 notes are newer than the index: `assistant build` takes them in.\n\n"
        "gpu.md:12  GPU › Free memory\n\n" + NOTE + "\n  whole entry: assistant show gpu.md:12"
    )


def test_what_the_first_passage_lacks_is_said() -> None:
    """By name, in a pipe and on a terminal; of many, the first, and nothing of what is hidden."""
    answer = Answer("q", "weak", (make_result(),), lacking=("numpy.bool",))
    said = "The first passage does not mention numpy.bool."

    assert to_plain(answer).split("\n")[:2] == ["The notes may answer this:", said]
    assert said in shown(answer)
    assert "mention a␛ or b or c.\n" in to_plain(replace(answer, lacking=("a\x1b", *"bcd")))


def test_other_notes_with_the_same_text_are_named() -> None:
    """Below the passage, in a pipe and on a terminal; of many, the first."""
    result = replace(make_result(), also=("old/gpu.md", "gpu copy.md"))
    many = replace(result, also=("a.md", "b.md", "c\x1b.md", "d.md", "e.md"))

    assert "\n\nalso in old/gpu.md, gpu copy.md\n" in to_plain(Answer("q", "found", (result,)))
    assert body_rows(result)[-1] == "  also in old/gpu.md, gpu copy.md"
    assert body_rows(many)[-1] == "  also in a.md, b.md, c␛.md and 2 more notes"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"date_from": "front matter"}, "  2023-04-01"),
        ({"date_from": "front matter", "is_older": True}, "  older (2023-04-01)"),
        ({"date_from": "name", "note": "2023-04-01.md"}, ""),
        ({"date_from": "file"}, ""),
    ],
    ids=["dated", "older", "said already", "time of the file"],
)
def test_the_age_of_a_result_stands_behind_its_place(change: dict[str, Any], told: str) -> None:
    """In a pipe, in a list and on a terminal, where it is known and not read already."""
    first = replace(make_result(), date="2023-04-01", **change)
    answer = Answer("q", "found", (first, replace(first, rank=2)))
    place = f"{first.note}:12"

    assert f"\n\n{place}  GPU › Free memory{told}\n\n" in to_plain(answer)
    assert f"\n  2  {place}  Free memory{told}\n" in to_plain(answer)
    assert f" {place}  GPU › Free memory{told}\n" in shown(answer)
    assert ("older" in json.loads(to_json(answer))["results"][0]) == first.is_older


def test_one_newer_note_is_it() -> None:
    """One newer note is told of in the singular."""
    answer = Answer("q", "none", (), newer_notes=1)

    assert "1 note is newer than the index: `assistant build` takes it in." in to_plain(answer)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("found", "The notes answer this."),
        ("weak", "The notes may answer this:"),
        ("none", "The notes do not answer this. Nearest:"),
    ],
)
def test_verdict_in_words(verdict: Verdict, words: str) -> None:
    """Words tell the verdict in a pipe, and with its sign on a terminal where it is in doubt."""
    answer = Answer("q", verdict, (make_result(),))

    assert words == to_plain(answer).split("\n")[0]
    assert shown(answer)[0] == {"found": "✓", "weak": "?", "none": "✗"}[verdict]
    assert (words in shown(answer)) == (verdict != "found")


def test_no_results() -> None:
    """With nothing near, nothing is announced."""
    assert to_plain(Answer("q", "none", ())) == "The notes do not answer this."
    assert shown(Answer("q", "none", ())) == "✗ The notes do not answer this.\n"


def test_certainty_falls_with_score() -> None:
    """Certainty is in words, a phrase for each stretch of scores."""
    words = [certainty(score) for score in (0.8, 0.6, 0.35, 0.34)]

    assert words == ["very likely", "likely", "possibly", "unlikely"]


@settings(max_examples=50)
@given(answers, st.sampled_from([1, 20, 40, 80]))
def test_terminal_is_harmless(answer: Answer, width: int) -> None:
    """A terminal receives the program's own styling, and nothing that a note spells."""
    assert_harmless(shown(answer, width).replace("\n", ""))


def test_markup_is_data() -> None:
    """What looks like markup or an emoji code of rich is shown as it stands."""
    text = "[red]stop[/red] [link=file:///etc]x[/link] :smile:"

    output = shown(replace(make_result(text, "stop"), headings=("[b]h[/b]", "[/]")))

    assert text in output
    assert "[b]h[/b] › [/]" in output


def test_link() -> None:
    """A terminal gets a link to the file, percent-encoded; its text names the sentence's line."""
    assert re.search(
        r"\x1b\]8;id=\d+;file:///my%20notes/%E6%98%BE%E5%AD%98%2050%25\.md\x1b\\"
        r"(?:\x1b\[[0-9;]*m)*gpu\.md:12",
        styled(make_result()),
    )


@pytest.mark.parametrize("color_system", [None, "standard"])
def test_no_link_when_not_a_terminal(color_system: Literal["standard"] | None) -> None:
    """What is not a terminal gets no link, and no escape sequence unless colour is asked for."""
    file = StringIO()
    console = Console(file=file, width=80, color_system=color_system, _environ={})

    to_terminal(Answer("q", "found", (make_result(),)), console)

    assert "gpu.md:12" in file.getvalue()
    assert "\x1b]8" not in file.getvalue()
    assert ("\x1b" in file.getvalue()) == bool(color_system)


def test_no_color_is_honoured() -> None:
    """NO_COLOR leaves bold and the bar, and takes every colour away."""
    output = styled(make_result(), environ={"NO_COLOR": "1"})

    attributes = {
        code for found in re.findall(r"\x1b\[([\d;]*)m", output) for code in found.split(";")
    }
    assert attributes <= set("01234")
    assert "▌ " + SENTENCE in ESCAPES.sub("", output)


def test_code_is_coloured_by_its_language() -> None:
    """A keyword is coloured in a fence of its language only, and no background is set."""
    coloured = styled(make_result())

    assert "\x1b[35mdel\x1b[0m" in coloured
    assert "\x1b[35mdel" not in styled(make_result(NOTE.replace("python", "nosuch")))
    assert not re.search(r"\x1b\[(?:\d+;)*4\d", coloured)


def test_bar_on_the_best_sentence() -> None:
    """The bar stands on the rows that hold the best sentence, and on no other."""
    barred = [row for row in body_rows(make_result()) if "▌" in row]
    narrow = [row for row in body_rows(make_result(), 30) if "▌" in row]

    assert barred == ["▌ " + SENTENCE]
    assert " ".join(row.removeprefix("▌ ") for row in narrow) == SENTENCE


def test_bar_after_tabs_and_controls() -> None:
    """The bar is right where what stands before the sentence grows when it is shown."""
    output = shown(make_result("\ta\x9b\n\tb\u202e\nbest one\nlast", "best one"))

    assert "▌ best one\n  last" in output
    assert output.count("▌") == 1


def test_short_passage_is_whole() -> None:
    """What fits is shown whole, its code indented, without its heading a second time."""
    rows = body_rows(make_result("## Free memory\n\n" + NOTE))

    assert [row[2:] for row in rows] == [
        "Freeing memory takes two steps.",
        "",
        SENTENCE,
        "    del tensor  # delete",
        "    torch.cuda.empty_cache()",
        "Afterwards, look at nvidia-smi.",
    ]


@settings(max_examples=50)
@given(st.integers(1, 60), st.data(), st.sampled_from([10, 24, 60]), st.sampled_from([30, 80]))
def test_an_answer_fits_the_screen(
    count: int, data: st.DataObject, height: int, width: int
) -> None:
    """The rows are fewer than the screen's, the best sentence is one of them, the order is kept."""
    best = data.draw(st.integers(0, count - 1))
    text = "\n".join(f"{at}. words of line {at} " + "and more " * (at % 5) for at in range(count))
    result = make_result(text, f"words of line {best} ")
    answer = Answer("q", "found", (result, replace(result, rank=2), replace(result, rank=3)))

    rows = body_rows(result, width, height)
    kept = [row for row in rows if row != "  ⋯"]
    everything = iter(body_rows(result, width, 9999))

    assert shown(answer, width, height).count("\n") < max(height, 14)
    assert any(row.startswith("▌ ") for row in kept)
    assert all(row in everything for row in kept)


runs = st.tuples(st.integers(0, 39), st.integers(1, 8)).map(lambda run: (run[0], sum(run)))


@given(st.lists(st.integers(1, 3), min_size=48, max_size=60), st.lists(runs, min_size=1), st.data())
def test_excerpt_fits_and_hides_no_few_lines(
    costs: list[int], parts: list[tuple[int, int]], data: st.DataObject
) -> None:
    """An excerpt keeps to its room, has what tells most, and no gap hides fewer rows than five."""
    room = data.draw(st.integers(40, 60))
    blank = data.draw(st.lists(st.booleans(), min_size=len(costs), max_size=len(costs)))
    costs = [1 if is_blank else cost for cost, is_blank in zip(costs, blank, strict=True)]

    found = fitting(costs, blank, [[part] for part in parts], room)

    lines = {line for run in found for line in range(*run)}
    ends = [0, *(end for run in found for end in run), len(costs)]
    hidden = [
        sum(costs[at] for at in range(low, high) if not blank[at])
        for low, high in zip(ends[::2], ends[1::2], strict=True)
    ]
    assert sum(costs[line] for line in lines) + sum(gaps(found, blank)) <= room
    assert all(not rows or rows >= LEAST_HIDDEN for rows in hidden)
    if not all(blank[slice(*parts[0])]):
        assert {line for line in range(*parts[0]) if not blank[line]} <= lines


def test_parts_are_shown_in_their_order_together_or_not_at_all() -> None:
    """What leads to a part comes with it or stays out; what is left out is marked."""
    lines = ["Steps:", *(f"- step {at}" for at in range(60)), "The best one."]
    text = "\n".join(lines)
    starts = [text.index(line) for line in lines]
    spans = [(start, start + len(line)) for start, line in zip(starts, lines, strict=True)]
    result = make_result(text, "The best one.")

    led = excerpt(replace(result, parts=((spans[0], spans[30]),))).split("\n")
    alone = excerpt(replace(result, parts=((spans[0], (spans[5][0], spans[50][1])),))).split("\n")

    assert led[0] == "Steps:"
    assert "- step 29" in led
    assert led[-1] == alone[-1] == "The best one."
    assert alone[0] == "⋯"
    assert max(len(led), len(alone)) <= ROWS


def test_refusal_names_what_is_not_there() -> None:
    """A refusal is a sentence with the words that the notes do not have, and three titles."""
    results = tuple(replace(make_result(), rank=rank) for rank in range(1, 6))
    answer = Answer("q", "none", results, unknown=("boil", "egg\x1b"), lacking=("Boil",))

    rows = [
        "The notes do not answer this: they do not mention boil or egg␛. Nearest:",
        *(f"  {rank}  gpu.md:12  Free memory" for rank in (1, 2, 3)),
    ]
    assert to_plain(answer).split("\n") == rows
    assert shown(answer).rstrip("\n").split("\n") == ["✗ " + rows[0], *rows[1:]]
    assert to_plain(answer, "each").count("gpu.md:12") == 5


def test_details() -> None:
    """The first passage and a list, an excerpt of each, or whole passages."""
    text = "best\n" + "\n".join(f"filler {at}" for at in range(90))
    answer = Answer(
        "q", "found", (make_result(text, "best"), replace(make_result(text, "best"), rank=2))
    )

    first, each, whole = (to_plain(answer, detail) for detail in ("first", "each", "whole"))

    assert first.count("filler") < ROWS <= 2 * first.count("filler") + 2 == each.count("filler") + 2
    assert "  2  gpu.md:10  Free memory\n  whole entry: assistant show gpu.md:10" in first
    assert whole.count("filler") == 180
    assert "⋯" in each
    assert "⋯" not in whole


def test_code_after_the_sentence_is_kept() -> None:
    """The block that follows the sentence is shown whole when it can fit."""
    code = "\n".join(f"step_{at}()" for at in range(7))
    text = "filler\n\n" * 30 + f"Do this:\n\n```python\n{code}\n```\n" + "\nfiller" * 30

    output = shown(make_result(text, "Do this:"))

    assert [at for at in range(7) if f"step_{at}()" not in output] == []


many_scripts = st.text(
    st.sampled_from("ab c。，（）“”显存释放 e\u0301-`*#>1.한カ"), min_size=50, max_size=120
)


@settings(max_examples=30)
@given(st.lists(many_scripts | st.just("```"), max_size=3), many_scripts)
def test_narrow_terminal(paragraphs: list[str], heading: str) -> None:
    """At 40 columns no row is wider, whatever the script, and no character is lost but marks."""
    text = "\n".join(["best", *paragraphs])
    result = replace(make_result(text, "best"), headings=(heading,), reasons=(heading,))

    rows = shown(result, 40, 9999).split("\n")

    assert max(map(cells, rows)) <= 40
    marks = str.maketrans("", "", "`*#>-•│")
    assert "".join(text.translate(marks).split()) in "".join("".join(rows).translate(marks).split())


def test_chinese_fills_its_rows() -> None:
    """Chinese goes on in its row after a word of English, and no row begins with its full stop."""
    text = "`empty_cache()` 会清空没有被使用的显存缓存。" * 4

    rows = body_rows(make_result(text, "会"), 40)

    assert min(map(cells, rows[:-1])) >= 36
    assert [row for row in rows if row[2] in "，。"] == []


def test_wide_table_gives_up_its_padding() -> None:
    """A table that is too wide loses spaces and dashes, never words; one that fits has columns."""
    table = (
        "| name       | use         |\n| ---------- | ----------- |\n| best       | of all 12345 |"
    )

    assert body_rows(make_result(table, "best")) == [
        "  name  use",
        "  ────  ────────────",
        "▌ best  of all 12345",
    ]
    assert body_rows(make_result(table, "best"), 20) == [
        "  name  use",
        "  ────  ────────────",
        "▌ best  of all 12345",
    ]
    wide = table.replace("of all", "of them all")
    assert body_rows(make_result(wide, "best"), 20)[:2] == ["  | name | use |", "  | --- | --- |"]


def test_why() -> None:
    """The reasons follow the passage."""
    result = replace(make_result(), reasons=("words: free, memory", "meaning: \x1b[2J"))

    assert "\n\n  why  words: free, memory\n  why  meaning: ␛[2J\n" in shown(result)
    assert to_plain(Answer("q", "found", (result,))).endswith(
        "why: meaning: ␛[2J\n\n  whole entry: assistant show gpu.md:12"
    )


def test_fences() -> None:
    """Fences in lists, unclosed ones, and passages cut inside a fence are told apart."""
    inside = read_lines("x = 1\n```\ntext", [Code("python", "import a\nx = 1\n")])

    assert [line.kind for line in read_lines("- ~~~py\n# no heading\nx")] == [
        "open",
        "code",
        "code",
    ]
    assert [line.kind for line in inside] == ["code", "close", "prose"]
    assert inside[0].language == "python"
    assert [line.kind for line in read_lines("```not``` a fence")] == ["prose"]
    assert code_blocks(read_lines("```\na\n```\n```\nb")) == [(1, 2), (4, 5)]
    assert read_lines("``` {.Python numbers}")[0].language == "python"


@given(st.lists(st.integers(1, 6), min_size=1, max_size=20), st.integers(1, 30), st.data())
def test_window(heights: list[int], room: int, data: st.DataObject) -> None:
    """The window keeps to its room, holds the best sentence, and the wish when that fits."""
    owners = [line for line, height in enumerate(heights) for _ in range(height)]
    first = data.draw(st.integers(0, len(owners) - 1))
    after = data.draw(st.integers(first + 1, len(owners)))
    wish = data.draw(st.integers(0, first)), data.draw(st.integers(after, len(owners)))

    start, end = window(owners, (first, after), wish, room)

    assert 0 <= start < end <= len(owners)
    assert end - start <= room
    assert start <= first
    assert end >= min(after, first + room)
    if wish[1] - wish[0] <= room and after - first < room:
        assert start <= wish[0] < wish[1] <= end
    if len(owners) <= room and after - first < room:
        assert (start, end) == (0, len(owners))


def test_json_and_plain_load_no_rich() -> None:
    """A script that asks for JSON never pays for colour."""
    script = "import sys, assistant.rendering.answers; print({'rich', 'pygments'} & {*sys.modules})"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"
