"""What a question names to the letter, and what of it a passage does not have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.judging.specifics import lacking, specifics


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("module numpy has no attribute numpy.bool", ["numpy.bool"]),
        ("what does batch_first do", ["batch_first"]),
        ("how is a DataLoader seeded", ["DataLoader"]),
        ("use of std::vector", ["std::vector"]),
        ("when is torch.cuda.empty_cache() called?", ["torch.cuda.empty_cache()"]),
        ("is len() fast", ["len()"]),
        ("error E4021 of the pump", ["E4021"]),
        ("dates by ISO-8601.", ["ISO-8601"]),
        ("which driver for an RTX3090", ["RTX3090"]),
        ("what is new in python 3.12", ["3.12"]),
        ("how do I get to room 214", ["214"]),
        ('who said "less is more"', ["less is more"]),
        ("what does `git stash` keep", ["git stash"]),
        ("when does Müller come", ["Müller"]),
        ("Why is Anna's bike here", ["Anna"]),
        ("когда придёт Иванов", ["Иванов"]),
        ("error E4021, then E4021 again", ["E4021"]),
    ],
)
def test_names_to_the_letter(question: str, named: list[str]) -> None:
    """Names of programs, codes, numbers, quotes and proper names, each once."""
    assert list(specifics(question)) == named


@pytest.mark.parametrize(
    "question",
    [
        "how do I free memory",
        "Boiler? Radiators leak",  # each begins its sentence
        "How To Free The Memory Of A Process",  # a title
        "tried to allocate 200 MiB",
        "allocated 99.5 %, 100 px and 250 ms",
        "the 3 best of 12, e.g. of all",
        "open ./notes/readme_first.md and C:\\Temp\\a_b",
        "怎么释放显存",
        "",
    ],
)
def test_words_are_not_specific(question: str) -> None:
    """Neither words, nor a measure, a small number, a path, or what a capital begins."""
    assert specifics(question) == ()


def test_what_stands_in_quotes_is_named() -> None:
    """In any quotes, as errors have them; an apostrophe is none, nor is a path or an address."""
    assert specifics("No module named 'cv2' or `os`") == ("cv2", "os")
    assert specifics("cannot push to 'git@git.example.org:me/it.git'") == ()
    assert specifics("the dog's and the cats' bowl") == ()


def test_what_is_looked_for_in_other_ways_is_left_out() -> None:
    """Such as dates, whose parts stand in notes in another form."""
    question = "what about Anna on 11 May 2026"

    assert specifics(question) == ("Anna", "May", "2026")
    assert specifics(question, [(question.index("11"), len(question))]) == ("Anna",)


def test_case_and_joints_are_no_matter() -> None:
    """A name that is written in another way is the same; one that is not there is lacking."""
    texts = ["The dataloader has batch-first.", "ISO 8601"]

    assert lacking(["DataLoader", "batch_first", "ISO-8601", "numpy.bool"], texts) == (
        "numpy.bool",
    )


def test_any_text_of_the_passage_will_do() -> None:
    """A heading or the name of its note says of what it is."""
    assert lacking(["Anna"], ["comes on Sunday", "Visits of Anna"]) == ()
    assert lacking(["Anna"], ["an", "na"]) == ("Anna",)  # two texts are not one


@given(st.text(st.sampled_from("aB_.1 \"`-'?(é显:/"), max_size=30))
def test_what_is_named_stands_in_the_question(question: str) -> None:
    """Whatever is asked: a question lacks nothing of what it names itself."""
    named = specifics(question)

    assert lacking(named, [question]) == ()
    assert all(one and one in question for one in named)


def test_nouns_of_other_languages_are_no_names() -> None:
    """German begins every noun with a capital; what programs write counts in any language."""
    question = "wann muss ich die Fahrradkette bei E4021 austauschen"

    assert specifics(question, with_proper=False) == ("E4021",)
    assert specifics(question) == ("Fahrradkette", "E4021")
