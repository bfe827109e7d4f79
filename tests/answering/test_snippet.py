"""The passage that is shown, its best sentence, and the code beside it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import best_sentence as marking
from assistant.answering.best_sentence import Asked, Pieces
from assistant.answering.snippet import limit, passage
from assistant.answering.term_overlap import shared_weights
from assistant.markdown.chunks import split_chunks
from assistant.markdown.code import code_blocks
from assistant.markdown.entries import split_entries
from assistant.markdown.leaf_blocks import leaves
from assistant.markdown.segmentation import sentences
from assistant.records import Chunk, Entry
from assistant.results import Code

LINES = st.sampled_from(
    [
        "",
        "",
        "Use `torch.cuda.empty_cache()` to free memory.",
        "Free the cache, e.g. after a run. Then go on! Really?",
        "显存不够。先清空缓存！再试",
        "- item one",
        "  - nested item",
        "1. first",
        "```python",
        "```",
        "~~~",
        "x = cache(1)",
        "# heading or comment",
        "> quoted words",
        "| a | b |",
        "|---|---|",
        "    indented = True",
        "---",
        "word " * 40,
        "<b>",
        "[name]: target",
        "İ\u2028\x0b`` ` unclosed",
    ]
)
TEXTS = st.one_of(
    st.lists(LINES, max_size=40).map("\n".join),
    st.text(alphabet="ab.。!`-*>#|~ \n\t\\1)İ显", max_size=120),
)
TERMS = st.lists(st.sampled_from(["cache", "free", "memory", "显存", "缓存", "x"]), unique=True)


def count_words(texts: list[str]) -> list[int]:
    """Stand in for the model's count of word pieces."""
    return [len(text.split()) for text in texts]


def entry_of(text: str) -> Entry:
    """Return a text as one entry, headings and all."""
    return Entry(("Title",), 1, text)


def chunks_of(entry: Entry, size: int) -> list[Chunk]:
    """Return the chunks of an entry."""
    return split_chunks(entry, lambda texts: count_words(list(texts)), size, 0)


@given(TEXTS, TERMS, st.integers(5, 60), st.integers(20, 400), st.data())
def test_passage_laws(
    text: str, terms: list[str], size: int, characters: int, data: st.DataObject
) -> None:
    """A passage is a part of its entry that fits, touches the best chunk and cuts no line."""
    for entry in split_entries(text):
        chunks = chunks_of(entry, size)
        scores = data.draw(st.lists(st.floats(-1, 1), min_size=len(chunks), max_size=len(chunks)))
        start, end = passage(entry, chunks, scores, terms, characters)
        best = chunks[scores.index(max(scores))]
        assert 0 <= start < end <= len(entry.text)
        assert end - start <= characters
        assert start < best.end
        assert end > best.start
        longest = max(map(len, entry.text.split("\n")))
        if longest <= characters and all(w.start in line_offsets(entry.text) for w in chunks):
            assert start in line_offsets(entry.text)
            assert end == len(entry.text) or not entry.text[end:].split("\n")[0].strip()


def best_sentence(
    text: str,
    within: tuple[int, int],
    terms: list[str],
    pieces: list[tuple[int, int]] | None = None,
    scores: list[float] | None = None,
) -> tuple[int, int]:
    """Return the marked part of a passage, for a question of one piece."""
    cosines = np.array(scores or [], np.float32)[:, np.newaxis]
    worth = marking.weighed(text, within, Asked(terms), Pieces(pieces or [], cosines))
    return marking.best_sentence(text, within, worth)


def line_offsets(text: str) -> set[int]:
    """Return where lines begin."""
    return {0} | {at + 1 for at, c in enumerate(text) if c == "\n"}


@given(TEXTS, TERMS)
def test_a_passage_is_whole_when_it_fits(text: str, terms: list[str]) -> None:
    """An entry that fills no more than two thirds of the limit is not cut."""
    entry = entry_of(text or "x")
    whole = (0, len(entry.text))
    assert passage(entry, [Chunk(*whole)], [1.0], terms, 2 * len(entry.text)) == whole


@given(TEXTS)
def test_sentences_are_ordered_and_disjoint(text: str) -> None:
    """Sentences follow each other without overlap, and none begins or ends with white space."""
    found = sentences(text)
    assert all(low < high for low, high in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    assert all(text[low:high] == text[low:high].strip() for low, high in found)
    assert bool(found) == bool(text.strip())


@given(st.lists(st.sampled_from(["One is e.g. 1.5 long.", "Two `a. b` ends!", "第三句。四"])))
def test_sentences_cover_prose(parts: list[str]) -> None:
    """Of a paragraph only white space lies outside its sentences."""
    text = " ".join(parts)
    shown = "".join(text[low:high] for low, high in sentences(text))
    assert "".join(shown.split()) == "".join(text.split())


@given(TEXTS, TERMS, st.data())
def test_the_best_sentence_lies_in_the_passage(
    text: str, terms: list[str], data: st.DataObject
) -> None:
    """Whatever the pieces and scores are, the sentence is inside and not blank if it can be."""
    low = data.draw(st.integers(0, len(text)))
    high = data.draw(st.integers(low, len(text)))
    pieces = [(at, at + 3) for at in range(0, len(text), 3)]
    scores = data.draw(st.lists(st.floats(-1, 1), min_size=len(pieces), max_size=len(pieces)))
    start, end = best_sentence(text, (low, high), terms, pieces, scores)
    assert low <= start <= end <= high
    assert bool(text[start:end].strip()) == bool(text[low:high].strip())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Use e.g. this. Then that.", ["Use e.g. this.", "Then that."]),
        ("Needs v1.2.3 of torch.nn. It works!", ["Needs v1.2.3 of torch.nn.", "It works!"]),
        ("See `a. B` here. Done", ["See `a. B` here.", "Done"]),
        ("An open ` mark. Then more.", ["An open ` mark.", "Then more."]),
        ("先清空缓存。再试一次！好", ["先清空缓存。", "再试一次！", "好"]),
        ("# Title\n\nWords.", ["Words."]),
        ("# Title", ["# Title"]),
        ("- one\n  - two\n- [ ] three", ["one", "two", "three"]),
        ("> quoted\n> lines", ["quoted", "lines"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["| 1 | 2 |"]),
        ("```sh\n# why\n\nrun it. Now\n```", ["# why", "run it. Now"]),
        ("- ```\n  in a list\n  ```\n\ntail", ["in a list", "tail"]),
        ("```\nnever closed", ["never closed"]),
        ("```\n```", ["```\n```"]),
        (
            "A line that its writer wrapped since it had grown to be too long to\nread. Next.",
            [
                "A line that its writer wrapped since it had grown to be too long to\nread.",
                "Next.",
            ],
        ),
        ("short line\nanother", ["short line", "another"]),
        ("Das ist z.B. so, Nr. 5 bzw. 6. Gut.", ["Das ist z.B. so, Nr. 5 bzw. 6.", "Gut."]),
        ("Т. е. Анна. Да.", ["Т. е. Анна.", "Да."]),
        ("Is it? No. Yes, p. ex. Paul.", ["Is it?", "No.", "Yes, p. ex. Paul."]),
        (
            "See [What? A B](https://a.example) now. Then",
            ["See [What? A B](https://a.example) now.", "Then"],
        ),
        ("Term\n: what it means", [": what it means"]),
        ("%% hidden. %%\n\nShown.", ["Shown."]),
        ("{{< youtube abc >}}\n\nWords.", ["Words."]),
        ("![[other note]]\n\n![picture](a.png)\n\nWords.", ["Words."]),
        ("<details>\n<summary>Click</summary>\n\nInside.\n</details>", ["Inside."]),
        ("```dataview\nTABLE x\n```\n\nWords.", ["Words."]),
        (
            "```py\n# why\nf(a,\n  b)\n@c\ndef g():\n    pass\n```",
            ["# why\nf(a,\n  b)", "@c\ndef g():", "pass"],
        ),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    """What a reader takes for one statement is one span."""
    assert [text[low:high] for low, high in sentences(text)] == expected


def test_words_of_the_question_choose_the_sentence() -> None:
    """Without states the rarer of the question's words decide."""
    text = "The cache is large. The cache is emptied like this. The cache grows."
    low, high = best_sentence(text, (0, len(text)), ["cache", "empty"])
    assert text[low:high] == "The cache is emptied like this."


def test_shares_choose_between_sentences_without_words_in_common() -> None:
    """With equal words the sentence that meets the question's meaning wins, not the longer one."""
    text = "A long sentence of many words that say little at all. Short gold here."
    pieces = [(i, i + 1) for i, c in enumerate(text) if c != " "]
    scores = [1.0 if start >= 54 else 0.0 for start, _ in pieces]
    low, high = best_sentence(text, (0, len(text)), ["absent"], pieces, scores)
    assert text[low:high] == "Short gold here."


@pytest.mark.parametrize(
    ("text", "best"),
    [
        (
            "To free the GPU memory in use:\n\n```\nrelease(gpu)\n```\n\nElse call a friend.",
            "release(gpu)",
        ),
        (
            "```python\nimport gpu\n\nvalue = 1\nuse = gpu.of(value)\n```",
            "value = 1\nuse = gpu.of(value)",
        ),
        (
            "```python\nstart()\n# free the memory of the gpu\nempty(gpu)\nstop()\n```",
            "start()\n# free the memory of the gpu\nempty(gpu)\nstop()",
        ),
        (
            "Where can I free the memory of the gpu?\n\nIn the settings, by the memory button.",
            "In the settings, by the memory button.",
        ),
        (
            "location:: memory of the gpu\n\nIt is freed by the driver.",
            "It is freed by the driver.",
        ),
        (
            "**Memory**\n\nEmpty the memory.\n\nNothing else helps.",
            "Empty the memory.",
        ),
        ("To free memory:", "To free memory:"),
    ],
    ids=["colon", "import", "comment", "question", "property", "bold", "alone"],
)
def test_what_leads_to_the_answer_is_not_the_answer(text: str, best: str) -> None:
    """The line after a lead is taken before the lead itself, and a call before an import."""
    low, high = best_sentence(text, (0, len(text)), ["free", "gpu", "memory"])
    assert text[low:high] == best


@pytest.mark.parametrize(
    ("term", "text", "held"),
    [
        ("norm", "nn.BatchNorm2d", True),
        ("norm", "enormous", False),
        ("install", "Installing it", True),
        ("installing", "install it", True),
        ("cat", "category", False),
        ("empty", "torch.cuda.empty_cache()", True),
        ("显存", "释放显存的方法", True),
        ("i", "İ i", True),
    ],
)
def test_shared_weights_meet_words_and_parts_of_names(term: str, text: str, held: bool) -> None:
    """A term is met as a word, with an English ending, and as a part of a name."""
    assert bool(shared_weights(text, [(0, len(text))], [term])[0]) == held


def test_rare_terms_weigh_more() -> None:
    """A term that each part repeats tells less than one that stands in a single part."""
    text = "a cat|a dog|a cow"
    weights = shared_weights(text, [(0, 5), (6, 11), (12, 17)], ["a", "dog"])
    assert weights[1] > 2 * weights[0] == 2 * weights[2] > 0


FENCE = "Now free it:\n\n```python\n" + "torch.cuda.empty_cache()  # free\n" * 5 + "```"
PAD = "\n\n".join(f"Paragraph {i} says nothing of it, at some length." for i in range(8))


def test_a_fence_is_whole_and_keeps_the_sentence_before_it() -> None:
    """The passage does not begin at the fence whose chunk scores best, nor inside it."""
    text = f"# T\n\n{PAD}\n\n{FENCE}\n\n{PAD}"
    at = text.index("torch")
    chunks = [Chunk(0, at), Chunk(at, at + 60), Chunk(at + 60, len(text))]
    start, end = passage(entry_of(text), chunks, [0.0, 1.0, 0.0], ["free"], 400)
    assert FENCE in text[start:end]
    assert end - start < 400


def test_ends_that_say_nothing_are_left_out() -> None:
    """What the question does not ask for at either end of a long entry is not shown."""
    text = f"# T\n\n{PAD}\n\nThe cache is emptied so.\n\n{PAD}"
    at = text.index("The cache")
    chunks = [Chunk(0, at - 2), Chunk(at, at + 24), Chunk(at + 26, len(text))]
    span = passage(entry_of(text), chunks, [0.0, 1.0, 0.0], ["cache"], 600)
    assert span == (at, at + 24)


def test_a_line_that_is_too_long_is_cut() -> None:
    """An entry of one endless line still gives a passage."""
    text = "word " * 1000
    assert passage(entry_of(text), [Chunk(100, 2000)], [1.0], [], 300) == (100, 400)


def test_a_heading_line_opens_the_passage_that_begins_at_its_entry() -> None:
    """The heading goes with the paragraph under it."""
    text = f"# Caches\n\nThe cache is emptied so.\n\n{PAD}"
    chunks = [Chunk(10, 34), Chunk(36, len(text))]
    start, end = passage(entry_of(text), chunks, [1.0, 0.0], ["emptied"], 400)
    assert text[start:end] == "# Caches\n\nThe cache is emptied so."


def test_limits_taper() -> None:
    """3,000 characters for the first result, 1,500 for the second, 1,000 after that."""
    assert [limit(rank) for rank in (1, 2, 3, 9)] == [3000, 1500, 1000, 1000]


def test_code_blocks_best_first() -> None:
    """The block of most worth comes first, of equals the first; what was printed comes last."""
    text = "```output\n9\n```\n```a x\n1\n```\nhere\n```b\n2\n```\n\nmore\n\n    3\n"
    at = text.index("2\n")
    found = code_blocks(entry_of(text), lambda span: float(span[0] <= at < span[1]))
    assert found == (
        Code("b", "2\n"),
        Code("a", "1\n"),
        Code("", "3\n"),
        Code("output", "9\n", True),
    )
    in_order = [code.language for code in code_blocks(entry_of(text))]
    assert in_order == ["output", "a", "b", ""]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("```python\n1\n```\n\n```\n2\n```", [False, True]),
        ("It prints:\n\n```text\n2\n```", [True]),
        ("结果：\n\n```\n2\n```", [True]),
        ("Run:\n\n```\nmake\n```", [False]),
        ("```console\n$ make\nok\n```", [False]),
        ("    Traceback (most recent call last):\n      x\n", [True]),
    ],
)
def test_what_was_printed_is_told_from_code(text: str, printed: list[bool]) -> None:
    """By its language, by what stands before it, or by how it begins."""
    assert [code.output for code in code_blocks(entry_of(text))] == printed


@given(TEXTS)
def test_leaves_are_ordered_and_disjoint(text: str) -> None:
    """No line belongs to two leaves."""
    found = leaves(text)
    assert all(leaf.first < leaf.after <= text.count("\n") + 1 for leaf in found)
    assert all(a.after <= b.first for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("question", "first"),
    [("how do I free memory", "free()\n"), ("how do I remove a file to free memory", "rm -f x\n")],
)
def test_code_that_loses_something_answers_only_who_asks_for_it(question: str, first: str) -> None:
    """Of two blocks alike the one that deletes steps back, unless the question is of deleting."""
    text = "Memory to free by a file to remove:\n\n```\nrm -f x\n```\n\nFree:\n\n```\nfree()\n```\n"
    asked = Asked(question.split()[3:], question)
    worth = marking.weighed(text, (0, len(text)), asked)

    assert code_blocks(entry_of(text), marking.worth_of_code(worth))[0].text == first
