"""Which language a question or a note is in, over all questions and notes of the tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language import identify

PROJECT = Path(__file__).parents[1] / "project"
FOREIGN_SETS = {"french": "fr", "german": "de", "japanese": "ja", "russian": "ru", "spanish": "es"}

SCRIPT_ALONE = {"敷金 返金"}
"""Japanese in characters that Chinese has as well: nothing tells it."""


def questions(folder: Path) -> list[str]:
    """Return the questions of a folder's files."""
    lines = (
        line for file in folder.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()
    )
    return [json.loads(line)["question"] for line in lines]


def foreign() -> list[tuple[str, str]]:
    """Return language and text of each question in another language than English and Chinese."""
    lines = Path(__file__).with_name("foreign.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    found = [(language, text) for language, text in rows]
    for name, language in FOREIGN_SETS.items():
        found += [(language, text) for text in questions(PROJECT / "sets" / name)]
    return [(language, text) for language, text in found if text not in SCRIPT_ALONE]


def english_and_chinese() -> list[str]:
    """Return all other questions of the tests, those with typos and names of functions too."""
    folders = [PROJECT / "questions"]
    others = {*FOREIGN_SETS, "foreign"}
    folders += [each for each in (PROJECT / "sets").iterdir() if each.name not in others]
    return [text for folder in folders for text in questions(folder)]


def test_no_english_or_chinese_question_is_taken_for_foreign() -> None:
    """Typos, names of functions, names of people and lists of words make no question foreign."""
    found = {text: identify.of_question(text) for text in english_and_chinese()}
    unsure = [text for text, language in found.items() if language is None]

    assert len(found) > 800
    assert {text: of for text, of in found.items() if of not in ("en", "zh", None)} == {}
    assert len(unsure) <= 0.03 * len(found)


def test_a_foreign_question_is_hardly_ever_taken_for_english() -> None:
    """Nine tenths are told; most others are unsure: one or two words with nothing of note."""
    found = [(text, of, identify.of_question(text)) for of, text in foreign()]
    told = [text for text, _, said in found if said not in ("en", "zh", None)]
    taken = [text for text, _, said in found if said in ("en", "zh")]
    exact = [text for text, of, said in found if of == said]

    assert len(found) > 240
    assert len(told) >= 0.9 * len(found)
    assert len(taken) <= 2, taken
    assert len(exact) >= 0.8 * len(found)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("how do I free GPU memory", "en"),
        ("np.argmax", "en"),
        ("", "en"),
        ("getattr hasattr", None),
        ("multi gpu", None),
        ("显存 怎么清", "zh"),
        ("pandas 列怎么改名", "zh"),
        ("Warum wartet mein Programm", "de"),
        ("l'imprimante ne marche plus", "fr"),
        ("電気代", "ja"),
        ("де ключ від підвалу", "uk"),
        ("où est rangé `git stash`", "fr"),
    ],
)
def test_single_questions(question: str, language: str | None) -> None:
    """One question of each make."""
    assert identify.of_question(question) == language


@pytest.mark.parametrize("name", [each.name for each in sorted((PROJECT / "sets").iterdir())])
def test_each_note_is_in_the_language_of_its_set(name: str) -> None:
    """The prose of a note, properties and code in it as they come, tells its language."""
    notes = list((PROJECT / "sets" / name / "notes").rglob("*.md"))
    found = {note.name: identify.of_prose(note.read_text("utf-8")) for note in notes}
    expected = {FOREIGN_SETS[name]} if name in FOREIGN_SETS else {"en", "zh"}

    assert set(found.values()) <= expected, found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Code", "en"),
        ("Anna Petrova\nTel 030 555", "en"),
        ("Schlüssel beim Nachbarn", "de"),
        ("Winterreifen liegen im Keller", "de"),
        ("Lundi gras", "en"),
    ],
)
def test_a_few_words_are_english_unless_one_tells(text: str, language: str) -> None:
    """A name or a title alone looks like many a language."""
    assert identify.of_prose(text) == language


@given(st.text())
def test_any_text_has_a_language_or_none(text: str) -> None:
    """No text is refused; one in ASCII is never of another script."""
    for of in (identify.of_question, identify.of_prose):
        language = of(text)
        assert language is None or language.isalpha()
        assert not (text.isascii() and language in ("zh", "ja", "ko", "ru", "el", "ar", "th"))


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1))
def test_han_alone_is_chinese_or_japanese(text: str) -> None:
    """Characters of Han are one of the two that are written with nothing else."""
    assert identify.of_question(text) in ("zh", "ja")


def test_a_plain_english_question_reads_no_table() -> None:
    """What most questions are costs nothing: neither table is opened, nor NumPy imported."""
    program = (
        "import sys\n"
        "from assistant.language import identify, english\n"
        "assert identify.of_question('how do I free the memory of my card') == 'en'\n"
        "assert identify._table.cache_info().currsize == 0\n"
        "assert english._bits.cache_info().currsize == 0\n"
        "assert 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_table_can_be_searched() -> None:
    """Its rows are in order and equally long, so that three letters are found by halving."""
    table = identify._table()
    width = 3 + len(table.languages) + 1
    rows = [table.rows[at : at + width] for at in range(0, len(table.rows), width)]
    runs = [row[:3] for row in rows]

    assert len(table.stop_words) == len(table.languages)
    assert all(len(row) == width and row.endswith("\n") for row in rows)
    assert runs == sorted(set(runs))
    assert table.levels("the")[0] > table.levels("the")[3]
