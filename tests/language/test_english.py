"""The list of English words."""

from __future__ import annotations

import random
import string

import pytest

from assistant.language import english


@pytest.mark.parametrize(
    "words",
    [
        "bake oven neighbour neighbor colour color pruning rhubarb",
        "quito blake lindsay paris geneva",  # places and people
        "i am to it",
    ],
)
def test_english_words_and_names_are_known(words: str) -> None:
    """Words in either spelling, and names of people and places, are words of the list."""
    assert [word for word in words.split() if not english.is_word(word)] == []


@pytest.mark.parametrize(
    "words",
    ["lenght recieve pyhton checkpiont", "wartet pilote ventana schlüssel", "argmax einsum"],
)
def test_typos_other_languages_and_functions_are_not(words: str) -> None:
    """What is no English word is none, though a tokenizer may have it as one piece."""
    assert [word for word in words.split() if english.is_word(word)] == []


def test_hardly_any_run_of_letters_is_taken_for_a_word() -> None:
    """The filter lets through one run of letters in some ten thousand."""
    pick = random.Random(1)
    runs = ["".join(pick.choices(string.ascii_lowercase, k=12)) for _ in range(20_000)]

    assert sum(map(english.is_word, runs)) <= 10
