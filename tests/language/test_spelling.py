"""Spelling repair: what is repaired, and what is left alone."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language import english, identify
from assistant.language.spelling import Repair, repair

NOTES = {
    "python": 40, "string": 30, "random": 12, "randn": 20, "value": 50, "values": 25, "line": 30,
    "length": 9, "directory": 7, "folder": 9, "was": 80, "numpy": 33, "else": 10, "batch": 5,
    "register": 3, "torch.cat": 4, "copy": 6,
}  # fmt: skip
ENGLISH = {"garden", "pressure", "folded", "run"}


def repaired(question: str) -> str:
    """Return the question as repaired."""
    return repair(question, NOTES, ENGLISH.__contains__).question


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("lenght of a pyton strng", "length of a python string"),
        ("if els in one lne", "if else in one line"),
        ("Driectory", "Directory"),
        ("randm valus", "random values"),
        ("direcotrry?", "directory?"),
    ],
)
def test_misspelt_words_are_repaired(question: str, expected: str) -> None:
    """Letters left out, doubled, changed or swapped are repaired; the rest stays."""
    assert repaired(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "garden pressure",  # English words that the notes do not have
        "batches, copied, registering, running",  # forms of known words
        "wav npm ssh",  # short, and no letter was left out of a known word
        "pythom3 --lenght ./strng strng.lenght lenght= strng() $strng a_strng",  # names and code
        "PyThom StrnG",  # capitals inside
        "怎么 lenght的",  # stands within a run of other letters
        "pythonny",  # two letters more
        "bathtub foldout valet",  # two edits from a word of the notes, with letters of their own
        "zzyzx kubernetes",  # like nothing in the notes
        "",
    ],
)
def test_what_is_no_misspelling_is_left(question: str) -> None:
    """Names, code, English words and forms of known words are not touched."""
    assert repair(question, NOTES, ENGLISH.__contains__) == Repair(question)


def test_changes_are_told() -> None:
    """The repair tells each word as written and as repaired, in order."""
    found = repair("Pyton strng", NOTES, ENGLISH.__contains__)

    assert found.changes == (("Pyton", "python"), ("strng", "string"))


def test_two_edits_need_the_same_first_letter() -> None:
    """A word two edits away that starts otherwise is another word."""
    assert repaired("bolber") == "bolber"
    assert repaired("foldre") == "folder"


@given(st.text())
def test_any_text_is_taken_and_repaired_once(question: str) -> None:
    """No text raises, and what is repaired needs no more repairing."""
    once = repaired(question)

    assert repaired(once) == once


@pytest.mark.parametrize(
    ("question", "known"),
    [
        ("how long do I bake it", "blake"),
        ("hotels in Quito", "quit"),
        ("who is Lindsay", "lindsey"),
        ("soup that isn't hot", "isna"),
        ("colour of the walls", "colon"),
    ],
)
def test_good_words_and_names_are_no_misspelling(question: str, known: str) -> None:
    """English words of either spelling, and names, stay, however near the notes have another."""
    assert repair(question, {known: 9}, english.is_word) == Repair(question)


@pytest.mark.parametrize(
    ("question", "known"),
    [
        ("Warum wartet mein Programm", ("warm", "water", "main")),
        ("le pilote de l'imprimante", ("polite",)),
        ("dónde está la llave", ("lave",)),
    ],
)
def test_no_word_of_another_language_is_repaired(question: str, known: tuple[str, ...]) -> None:
    """There is no list of its words, so that a good one cannot be told from a slip."""
    notes = dict.fromkeys(known, 9)

    assert identify.of_question(question) not in ("en", "zh", None)
    assert repair(question, notes, english.is_word, identify.of_question(question)) == Repair(
        question
    )


def test_where_the_language_is_not_sure_one_edit_is_repaired() -> None:
    """A slip of one letter may be one in any language; two make another word of ``pilote``."""
    notes = {"polite": 9, "snail": 9}

    assert repair("pilote", notes, english.is_word, None).question == "pilote"
    assert repair("snial", notes, english.is_word, None).question == "snail"


def test_rapidfuzz_is_imported_only_for_a_repair() -> None:
    """A question whose words are all known does not pay for the import."""
    code = (
        "import sys; from assistant.language.spelling import repair;"
        "repair('python', {'python': 1}, str.isupper); sys.exit('rapidfuzz' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
