"""Chunks: golden cases in ``chunk_cases``, and laws that hold for any Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from fakes import count_words
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it.utils import read_fixture_file

from assistant.embedding.encoder import Encoder
from assistant.markdown.blocks import plain_heading
from assistant.markdown.chunks import (
    HEADINGS_SHARE,
    embedded_text,
    heading_context,
    split_chunks,
    without_number,
)
from assistant.markdown.dialects import encoded_data
from assistant.markdown.entries import split_entries
from assistant.notes import front_matter
from assistant.records import Chunk, Entry

CASES = Path(__file__).parent / "chunk_cases"

GOLDEN_SIZE = 24
"""Words of a chunk in the golden cases."""

Cut = tuple[Entry, Chunk, str]
"""A chunk with its entry and the text that is embedded for it."""


def chunks_of(
    text: str,
    size: int,
    count: Callable[[Sequence[str]], list[int]] = count_words,
    body_start: int = 0,
) -> list[Cut]:
    """Return all chunks of a note."""
    found = []
    for entry in split_entries(text, body_start):
        read = encoded_data.blanked(entry.text)
        context = heading_context(entry.headings, count, size // HEADINGS_SHARE)
        for chunk in split_chunks(entry, count, size, count([context])[0] if context else 0):
            found.append(
                (
                    entry,
                    chunk,
                    embedded_text(context, read[max(chunk.start, entry.body) : chunk.end]),
                )
            )
    return found


def line_span(entry: Entry, chunk: Chunk) -> tuple[int, int]:
    """Return the first and last line of a chunk in the note, from 1."""
    first = entry.first_line + entry.text.count("\n", 0, chunk.start)
    return first, first + entry.text.count("\n", chunk.start, chunk.end)


def dump(text: str) -> str:
    """Return entries and chunks as readable lines: heading paths, line numbers, ends of texts."""
    lines = []
    previous = None
    for entry, chunk, _ in chunks_of(
        text, GOLDEN_SIZE, body_start=front_matter.front_matter(text).body_start
    ):
        if entry is not previous:
            lines.append(f"[{' > '.join(entry.headings)}]")
            previous = entry
        words = entry.text[chunk.start : chunk.end].split()
        shown = words if len(words) <= 8 else [*words[:4], "…", *words[-3:]]
        first, last = line_span(entry, chunk)
        lines.append(f"{first}-{last}: {' '.join(shown)}")
    return "".join(f"{line}\n" for line in lines)


def golden_cases() -> list[object]:
    """Return the cases of all files, each named by its file and title."""
    return [
        pytest.param(source, expected, id=f"{path.stem}: {title}")
        for path in sorted(CASES.glob("*.md"))
        for _, title, source, expected in read_fixture_file(path)
    ]


@pytest.mark.parametrize(("source", "expected"), golden_cases())
def test_golden(source: str, expected: str) -> None:
    """Entries and chunks are those that a reader of the note would make."""
    assert dump(source) == expected


# Headings in plain text


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("torch.cat", "torch.cat"),
        ("**`torch.cat()`** in *use*", "torch.cat() in use"),
        ("[the docs](https://example.org) say", "the docs say"),
        ("2 \\* 3 &lt; 7", "2 * 3 < 7"),
        ("snake_case_name", "snake_case_name"),
        ("over\n  two lines", "over two lines"),
        ("<br>", "<br>"),
        ('<a name="x"></a>Setup', "Setup"),
        ("vector<int> and `<b>x</b>`", "vector<int> and <b>x</b>"),
        ("Setting it up {/*setting-it-up*/}", "Setting it up"),
        ("cafe\u0301", "café"),
        ("", ""),
    ],
)
def test_markup_of_headings_is_dropped(source: str, plain: str) -> None:
    """A heading's text is what a reader sees of it."""
    assert plain_heading(source) == plain


@pytest.mark.parametrize(
    ("heading", "bare"),
    [
        ("12. torch.cat", "torch.cat"),
        ("3.1) Losses", "Losses"),
        ("(4) 内存", "内存"),
        ("5、内存", "内存"),
        ("2.数据", "数据"),
        ("1.2.3", "1.2.3"),
        ("3D plots", "3D plots"),
        ("42", "42"),
        ("", ""),
    ],
)
def test_numbers_that_order_headings_are_dropped(heading: str, bare: str) -> None:
    """A leading number goes, but never the whole heading, and no number that is part of a word."""
    assert without_number(heading) == bare


@given(st.lists(st.text("ab 1.", max_size=30), max_size=5), st.integers(1, 12))
def test_the_heading_path_keeps_its_budget(headings: list[str], budget: int) -> None:
    """The path takes no more word pieces than it may, and drops the outermost headings first."""
    line = heading_context(headings, count_words, budget)

    assert count_words([line])[0] <= budget
    names = [without_number(heading) for heading in headings]
    tails = [" > ".join(names[i:]) for i in range(len(names) + 1)]
    assert any(tail.startswith(line) for tail in tails)


# Laws for any Markdown

words = st.text("abcxyz", min_size=1, max_size=7) | st.sampled_from(
    ["`x`", "**b**", "torch.cat()", "内存泄漏", "显存。", "end.", "e=mc²", "_", "#", "-", "é"]
)
sentences = st.lists(words, min_size=1, max_size=14).map(" ".join)
long_lines = st.builds(
    lambda word, joint, times: joint.join([word] * times),
    words,
    st.sampled_from([" ", "", ". ", "。", "\t"]),
    st.integers(20, 200),
)
paragraphs = st.lists(sentences | long_lines, min_size=1, max_size=4).map("\n".join)
headings = st.builds("{} {}".format, st.integers(1, 6).map("#".__mul__), sentences | st.just(""))
setext = st.builds("{}\n{}".format, sentences, st.sampled_from(["===", "---"]))
fences = st.builds(
    "{0}{1}\n{2}\n{3}".format,
    st.sampled_from(["```", "~~~", "````"]),
    st.sampled_from(["", "python"]),
    st.lists(st.sampled_from(["# comment", "", "x = 1", "    y", "```"]), max_size=40).map(
        "\n".join
    ),
    st.sampled_from(["```", "~~~", "````", ""]),
)
tables = st.integers(1, 20).map(lambda n: "| a | b |\n|---|---|\n" + "| one | two |\n" * n)
raw_blocks = st.sampled_from(
    [
        "<div>\n# not a heading\n</div>",
        "<!-- a comment\n\n# still one -->",
        "$$\na = b\n\n\\# c\n$$",
        "[ref]: https://example.org 'title'",
        "    indented code\n\n    # more",
        "***",
        "\u3000\u3000",
        " \t ",
        "\x0c",
    ]
)


def in_list(block: str) -> str:
    """Return a block as an item of a list."""
    return "- " + block.replace("\n", "\n  ")


def in_quote(block: str) -> str:
    """Return a block as a quote."""
    return "> " + block.replace("\n", "\n> ")


plain_blocks = paragraphs | headings | setext | fences | tables | raw_blocks
blocks = st.recursive(
    plain_blocks,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("\n\n".join).map(in_list) | inner.map(in_quote)
    ),
    max_leaves=6,
)
generated = st.lists(
    st.tuples(blocks, st.sampled_from(["\n", "\n\n", "\n\n\n", "\n \n"])).map("".join), max_size=8
).map("".join)
raw_texts = st.text("#-=>*`~ \n\t|<![]:.0ab内。\u3000\x0c\0", max_size=120) | st.text(
    st.characters(exclude_characters="\r", exclude_categories=()), max_size=60
)
markdown = generated | raw_texts
sizes = st.integers(6, 60)


@settings(max_examples=100)
@given(markdown, sizes)
@example("\n" * 3, 6)
@example("# a\n\n\n", 6)
@example("a\n" * 200, 6)
def test_every_line_is_in_a_chunk_in_order(text: str, size: int) -> None:
    """Chunks cover every character that is not white space, once, in the order of the note."""
    spans = []
    lines = [0]
    lines += [i + 1 for i, character in enumerate(text) if character == "\n"]
    for entry, chunk, _ in chunks_of(text, size):
        start = lines[entry.first_line - 1] + chunk.start
        spans.append((start, start + chunk.end - chunk.start))
    covered = [False] * len(text)
    for start, end in spans:
        covered[start:end] = [True] * (end - start)

    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert [c for c, inside in zip(text, covered, strict=True) if c.strip() and not inside] == []


@settings(max_examples=100)
@given(markdown)
def test_spans_slice_back_to_the_source(text: str) -> None:
    """An entry's text stands in the note from the line that it says it begins at."""
    lines = text.split("\n")
    for entry, chunk, _ in chunks_of(text, 20):
        height = entry.text.count("\n") + 1
        there = lines[entry.first_line - 1 : entry.first_line - 1 + height]
        first, last = line_span(entry, chunk)

        assert "\n".join(there).startswith(entry.text)
        assert 0 <= chunk.start < chunk.end <= len(entry.text)
        assert 0 <= entry.body <= len(entry.text)
        assert entry.text[chunk.start : chunk.end] in "\n".join(lines[first - 1 : last])
        assert all(0 <= line < height for line, _ in entry.blocks)


@settings(max_examples=100)
@given(markdown, sizes)
def test_chunks_keep_to_the_size(text: str, size: int) -> None:
    """What is embedded has no more word pieces than a chunk may have."""
    embedded = [embedded for *_, embedded in chunks_of(text, size)]

    assert [text for text, n in zip(embedded, count_words(embedded), strict=True) if n > size] == []


@settings(max_examples=50)
@given(markdown, sizes)
def test_a_second_run_gives_the_same(text: str, size: int) -> None:
    """Chunking depends on nothing but its arguments."""
    assert chunks_of(text, size) == chunks_of(text, size)


@settings(max_examples=50)
@given(generated, sizes)
def test_text_before_the_body_shifts_lines_alone(text: str, size: int) -> None:
    """With front matter before it, a body is cut the same way, only further down."""
    front = "---\ntitle: x\n---\n"
    plain = chunks_of(text, size)
    shifted = chunks_of(front + text, size, body_start=len(front))

    assert [(w[1], w[2]) for w in shifted] == [(w[1], w[2]) for w in plain]
    assert [w[0].first_line for w in shifted] == [w[0].first_line + 3 for w in plain]


@settings(max_examples=50)
@given(st.lists(words, min_size=1, max_size=200).map(" ".join), st.integers(6, 30))
def test_words_are_kept_whole(line: str, size: int) -> None:
    """Where words fit a chunk, a line is cut at white space or Chinese punctuation alone."""
    for entry, chunk, _ in chunks_of(f"| {line}", size):
        assert chunk.start == 0 or entry.text[chunk.start - 1] in " 。"


@settings(max_examples=25)
@given(markdown, st.sampled_from([24, 64, 200]))
def test_chunks_fit_the_real_model(encoder: Encoder, text: str, size: int) -> None:
    """By the default model's own tokenizer too, nothing that is embedded is cut off."""
    embedded = [embedded for *_, embedded in chunks_of(text, size, encoder.count_pieces)]

    assert [n for n in encoder.count_pieces(embedded) if n > size] == []


def test_a_long_word_fits_the_real_model(encoder: Encoder) -> None:
    """Parts of a run without spaces, a word of Chinese or of encoded data, are not joined again."""
    for run in ("显存" * 900, "=." * 900, "aQ3+." * 400, "électro-" * 300):
        embedded = [text for *_, text in chunks_of(f"# a\n\n{run}\n", 64, encoder.count_pieces)]

        assert max(encoder.count_pieces(embedded)) <= 64
        assert "".join(text.split("\n", 1)[1] for text in embedded) == run


# Cuts fall where a reader would cut


def test_data_takes_no_room() -> None:
    """A picture of a hundred thousand characters is part of the chunk around it."""
    picture = "![shed](data:image/png;base64," + "iVBORw0KGgo" * 9_000 + ")"
    found = chunks_of(f"# Shed\n\nBefore it.\n\n{picture}\n\nAfter it.\n", GOLDEN_SIZE)
    assert len(found) == 1


def test_a_long_line_is_cut_after_sentences() -> None:
    """A paragraph on one line gives chunks of whole sentences, as many as fit."""
    line = " ".join(f"Sentence number {i} has seven words." for i in range(20))
    embedded = [text for *_, text in chunks_of(line, 30)]

    assert all(text.rstrip().endswith("words.") for text in embedded)
    assert {count_words([text])[0] for text in embedded[:-1]} == {28}


def test_a_long_chinese_line_is_cut_after_sentences() -> None:
    """So does one in Chinese, whose sentences have no spaces between them."""
    embedded = [text for *_, text in chunks_of("显存不足时先释放缓存。" * 20, 30)]

    assert set(embedded) == {"显存不足时先释放缓存。" * 2}


def test_a_fence_stays_whole_when_it_fits() -> None:
    """Chunks end before a fence rather than within it."""
    fence = "```python\n" + "x = f(y)\n" * 3 + "```"
    text = "\n\n".join(["some words before the code", fence] * 6)
    embedded = [text for *_, text in chunks_of(text, 40)]

    assert all(text.count("```") % 2 == 0 for text in embedded)


def test_a_heading_too_long_to_be_a_heading_is_read_as_text() -> None:
    """No word of a paragraph that is underlined by mistake is lost to the search."""
    paragraph = " ".join(f"word{i}" for i in range(120))
    embedded = [text for *_, text in chunks_of(f"{paragraph}\n---\n\nText.\n", 60)]

    assert {f"word{i}" for i in range(120)} | {"Text."} <= set(" ".join(embedded).split())


# Large notes


class Meter:
    """Counts words, and how much text it was asked to read."""

    def __init__(self) -> None:
        self.calls = 0
        self.characters = 0

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Return how many words each text has."""
        self.calls += 1
        self.characters += sum(map(len, texts))
        return count_words(texts)


@pytest.mark.parametrize(
    "note",
    [
        "```\n" + "x = 1\n" * 4000 + "```\n",
        "- a b c\n" * 4000,
        "".join(f"{'  ' * (i % 9)}- nested item\n" for i in range(3000)),
        "word " * 10_000,
        "显存" * 10_000,
        "| a | b |\n|---|---|\n" + "| c | d |\n" * 3000,
        "> quoted words here\n" * 3000,
        "a line of text\n\n" * 3000,
    ],
    ids=["fence", "list", "nested list", "line", "run", "table", "quote", "paragraphs"],
)
def test_the_counter_reads_a_text_a_few_times_at_most(note: str) -> None:
    """Twice as much text is twice as much to count, however it is nested."""
    meters = []
    for text in (note, note * 2):
        meter = Meter()
        chunks_of(text, 50, meter)
        meters.append(meter)
    once, twice = meters

    assert once.characters <= 8 * len(note) + 1000
    assert twice.characters <= 2.2 * once.characters + 1000
    assert twice.calls <= 2.2 * once.calls + 20


def test_a_note_of_100_000_lines() -> None:
    """A huge note is cut as a small one is: one entry a heading, lines to the last."""
    part = "## Heading {0}\n\nSome words of text.\n\n```python\n# not a heading\n```\n\n- item\n\n"
    text = "".join(part.format(i) for i in range(10_000))
    entries = split_entries(text)

    assert text.count("\n") == 100_000
    assert [entry.headings for entry in entries] == [(f"Heading {i}",) for i in range(10_000)]
    assert [entry.first_line for entry in entries] == list(range(1, 100_001, 10))
    assert sum(len(split_chunks(entry, count_words, 50, 2)) for entry in entries) == 10_000
