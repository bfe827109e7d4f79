"""Leaves of an entry: which lines are prose, code, a formula, a definition."""

from __future__ import annotations

import pytest

from assistant.answering.snippet import passage
from assistant.language import analyzer
from assistant.markdown.code import code_blocks, destroys, language_of
from assistant.markdown.leaf_blocks import leaves
from assistant.markdown.segmentation import sentences
from assistant.records import Chunk, Entry

FORMULA = "It reads:\n\n$$\nE = m c^2\n$$"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(FORMULA, ["prose 0-1", "math 2-5"], id="formula"),
        pytest.param("It reads:\n\n\\[ x = 1 \\]", ["prose 0-1", "math 2-3"], id="brackets"),
        pytest.param(
            'See [a].\n\n[a]: https://x.org "T"\n[b]:\n  https://y.org',
            ["prose 0-1", "definition 2-3", "definition 3-5"],
            id="links",
        ),
        pytest.param(
            "Words.[^1]\n\n[^1]: https://x.org\n[^2]: Some words\n    that go on.\n\n    More.",
            ["prose 0-1", "definition 2-3", "definition 3-5", "definition 6-7"],
            id="footnotes",
        ),
        pytest.param(
            "\t- ### Deeper\n\t\t- words\n\t\t\t- more",
            ["heading 0-1", "prose 1-2", "prose 2-3"],
            id="entry of a nested item",
        ),
    ],
)
def test_leaves(text: str, expected: list[str]) -> None:
    """Each line that is not blank and holds more than a mark lies in one leaf."""
    assert [f"{leaf.kind} {leaf.first}-{leaf.after}" for leaf in leaves(text)] == expected


def test_formulas_and_definitions_can_be_highlighted() -> None:
    """A formula is one sentence, and so is each definition."""
    text = f"{FORMULA}\n\n[a]: https://x.org\n[^1]: Some words. And more."
    assert [text[start:end] for start, end in sentences(text)] == [
        "It reads:",
        "$$\nE = m c^2\n$$",
        "[a]: https://x.org",
        "[^1]: Some words.",
        "And more.",
    ]


def test_a_passage_goes_on_to_its_formula() -> None:
    """A formula is shown with the words that lead to it, as a fence is."""
    text = f"{'Nothing of this. ' * 40}\n\n{FORMULA}\n\n{'Nor of that. ' * 40}"
    entry = Entry(("Energy",), 1, text)
    begin = text.index("It reads")
    chunk = Chunk(begin, begin + len("It reads:"))
    start, end = passage(entry, [chunk], [1.0], analyzer.query_terms("reads"), 300)
    assert text[start:end].startswith("It reads:")
    assert "E = m c^2\n$$" in text[start:end]


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("python", "python"),
        ("{.python .numberLines}", "python"),
        ("{python}", "python"),
        ("{r, echo=FALSE}", "r"),
        ("c++ title=x", "c++"),
        ("", ""),
    ],
)
def test_a_fence_names_its_language(info: str, language: str) -> None:
    """The language is told as pandoc, knitr and GitHub write it."""
    assert language_of(info) == language
    (code,) = code_blocks(Entry((), 1, f"```{info}\nx\n```"))
    assert code.language == language


@pytest.mark.parametrize(
    ("code", "loss"),
    [
        ("rm -rf build", True),
        ("$ cd /tmp && rm x", True),
        ('sudo apt-get --purge remove "*cuda*"', True),
        ("drop table receipt;", True),
        ("DELETE FROM receipt", True),
        ("git reset --hard HEAD~1", True),
        ("git push -f origin main", True),
        ("git clean -fd", True),
        ("git branch -D old", True),
        ("git push --force", True),
        ("find . -name '*.pyc' -delete", True),
        ("ls | xargs rm -f", True),
        ("docker system prune", True),
        ("pip uninstall torch", True),
        ("dd if=a.img of=/dev/sdb", True),
        ("shutil.rmtree(folder)", True),
        ("# rm -rf would be too much\nls", False),
        ("docker run --rm -it image", False),
        ("frame.drop_duplicates()", False),
        ("names.remove('a')", False),
        ("del value", False),
        ("torch.cuda.empty_cache()", False),
        ("git log --format=%h", False),
    ],
)
def test_code_that_loses_something_is_known(code: str, loss: bool) -> None:
    """Commands that delete or overwrite are told from those that only look like it."""
    assert destroys(code) == loss
    (block,) = code_blocks(Entry((), 1, f"```sh\n{code}\n```"))
    assert block.to_record().get("destroys", False) == loss


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("```output\n1\n```", [True]),
        ("```py\nf()\n```\n\n```\n1\n```", [False, True]),
        ("```py\nf()\n```\n\n```text\n1\n```", [False, True]),
        ("```\nf()\n```\n\n```\ng()\n```", [False, False]),
        ("It prints:\n\n```\n1\n```", [True]),
        ("Add this line:\n\n```\n1\n```", [False]),
        ("```\nTraceback (most recent call last):\n  E\n```", [True]),
    ],
)
def test_what_a_program_printed_is_known(text: str, printed: list[bool]) -> None:
    """Output is told by its language, by what leads to it, or as what follows code unnamed."""
    assert [block.output for block in code_blocks(Entry((), 1, text))] == printed
