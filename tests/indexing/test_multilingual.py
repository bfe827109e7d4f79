"""Notes in other languages are read by a second encoder, and those in English only when asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import CARD, FakeEncoder
from indexes import Case, PassageEncoder, ready

from assistant.answering import answer
from assistant.embedding import DEFAULT_MODEL
from assistant.indexing import multilingual, scope, up_to_date
from assistant.indexing.build import build
from assistant.indexing.scope import Other
from assistant.indexing.up_to_date import Report
from assistant.records import Source
from assistant.results import Answer
from assistant.search.searcher import Searcher
from assistant.store import Index

GERMAN = """# Fahrrad

## Kette

Die Kette muss nach jedem Regen sofort geölt werden, und alle drei Jahre kommt eine neue drauf.

## Reifen

Hinten brauchen die Reifen mehr Druck als vorne, weil dort die Taschen hängen.
"""
ENGLISH = """# Kitchen

## Eggs

Soft eggs take six minutes in boiling water, and hard ones need ten of them.
"""


@pytest.fixture
def case(tmp_path: Path, without_calibration: None) -> Case:
    """A German and an English note, not indexed yet."""
    found = Case(tmp_path)
    # What is said of other languages is of the default model, which does not read them.
    card = replace(CARD, name=DEFAULT_MODEL)
    card.write(found.model / "card.json")
    found.encoder = PassageEncoder(card)
    found.write("fahrrad.md", GERMAN)
    found.write("kitchen.md", ENGLISH)
    return found


class Second:
    """A second encoder, and the builds and questions that have it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.encoder = PassageEncoder(replace(CARD, fingerprint="second"))

    def other(self, which: scope.Scope) -> Other:
        """Return it as a build takes it."""
        return Other(which, "second", lambda: self.encoder)

    def build(self, which: scope.Scope = "foreign", *, full: bool = False) -> Report:
        """Bring the index up to date; the second encoder remembers what it read."""
        self.encoder.encoded.clear()
        return build(
            self.case.index,
            [Source(self.case.notes)],
            self.case.model,
            open_encoder=lambda: self.case.encoder,
            full=full,
            other=Other() if which == "none" else self.other(which),
        )

    def ask(self, question: str, *, installed: bool = True) -> Answer:
        """Ask with both encoders, or with the model alone."""
        opened: Callable[[], FakeEncoder] | None = (lambda: self.encoder) if installed else None
        model = ready(FakeEncoder(self.case.encoder.card))
        with closing(Searcher(self.case.index, model, opened)) as searcher:
            return answer.ask(searcher, question)

    def vectors(self) -> dict[str, bytes]:
        """Return the vectors that it made, by the text of their chunks."""
        with Index(self.case.index).snapshot(to_search=True) as snapshot:
            if snapshot.multilingual is None:
                return {}
            found = snapshot.multilingual.vectors(snapshot.entry_of_chunks())
            entries = snapshot.entry_of_chunks()
            return {snapshot.entry(entries[c]).entry.text: v.tobytes() for c, v in found.items()}


@pytest.fixture
def second(case: Case) -> Second:
    """The second encoder of these notes."""
    return Second(case)


def test_it_reads_notes_in_other_languages_and_no_others(second: Second) -> None:
    """By itself it reads what the model does not, under the name of the note and its headings."""
    told = second.build().manifest.multilingual

    assert told
    assert dict(told.languages) == {"de": 1, "en": 1}
    assert [text.partition("\n")[0] for text in sorted(second.encoder.encoded)] == [
        "Fahrrad",
        "Fahrrad > Kette",
        "Fahrrad > Reifen",
    ]


def test_it_reads_all_notes_when_it_is_to(second: Second) -> None:
    """English notes, too; and from then on, until another build is told otherwise, all of them."""
    second.build()
    second.build("all")
    assert [text.partition("\n")[0] for text in sorted(second.encoder.encoded)] == [
        "Kitchen",
        "Kitchen > Eggs",
    ]

    second.case.edit("kitchen.md", "six", "seven")
    second.build()

    assert len(second.encoder.encoded) == 1


def test_what_it_read_it_does_not_read_again(second: Second) -> None:
    """A build after no edit, a full one and a rename embed nothing; an edit, what it changed."""
    second.build()
    for full in (False, True):
        second.build(full=full)
        assert second.encoder.encoded == []
    second.case.edit("fahrrad.md", "Hinten", "Vorne")
    second.build()

    assert len(second.encoder.encoded) == 1


def test_an_index_after_edits_has_the_vectors_of_one_built_afresh(second: Second) -> None:
    """Notes that come, go, change and change their language leave no vector behind."""
    second.build()
    second.case.write("kitchen.md", GERMAN.replace("Kette", "Klingel"))
    second.case.write("fahrrad.md", ENGLISH)
    second.case.write("neu.md", GERMAN.replace("Regen", "Schnee"))
    second.build()
    found = second.vectors()
    second.case.index = second.case.folder / "afresh"
    second.build()

    assert found == second.vectors()
    assert found


def test_a_lost_file_is_written_again(second: Second) -> None:
    """A build notices that the file of its vectors is gone, and embeds nothing for it."""
    told = second.build().manifest.multilingual
    assert told
    (second.case.index / told.file).unlink()
    folder, model = second.case.index, second.case.model
    sources = [Source(second.case.notes)]
    assert not up_to_date.manifest(folder, sources, model, True, other=second.other("foreign"))

    second.build()

    assert second.encoder.encoded == []
    assert second.ask("Wann muss ich die Kette wechseln?").results[0].note == "fahrrad.md"


def test_files_of_earlier_builds_are_deleted(second: Second) -> None:
    """Two files stay: that in use, and the one before, for readers that have not opened it yet."""
    for word in ("eins", "zwei", "drei", "vier"):
        second.case.write("neu.md", GERMAN.replace("Regen", word))
        second.build()

    assert len(list(second.case.index.glob("multilingual-*.faiss"))) == 2


def test_each_question_is_read_by_the_encoder_of_its_language(second: Second) -> None:
    """German ones by the second encoder alone, English and Chinese ones by the model alone."""
    second.build()

    assert second.ask("Wann muss ich die Kette wechseln?").read_by == "multilingual"
    assert second.ask("how long do I have to cook the eggs").read_by == "model"
    assert second.ask("鸡蛋要煮多久").read_by == "model"
    assert second.ask("Reifendruck").read_by == "both"


def test_a_question_over_notes_that_are_not_read_says_so(second: Second) -> None:
    """It is not found, and what keeps it from being is told; once all are read, nothing does."""
    second.build()
    asked = "Wie lange muss ich die Eier kochen, bis sie hart sind?"

    assert second.ask(asked).hindered == "notes"
    assert second.ask(asked).verdict != "found"
    second.build("all")
    assert second.ask(asked).hindered == ""


def test_without_the_encoder_nothing_in_another_language_is_found(second: Second) -> None:
    """A question that has all words of a note is answered at most perhaps."""
    second.build("none")
    found = second.ask("Die Kette muss nach jedem Regen sofort geölt werden", installed=False)

    assert found.results[0].note == "fahrrad.md"
    assert (found.verdict, found.hindered, found.read_by) == ("weak", "encoder", "model")


def test_where_it_is_gone_the_model_answers(second: Second) -> None:
    """An index with its vectors is asked without it, and by another build does without them."""
    second.build()
    assert second.ask("Wann muss ich die Kette wechseln?", installed=False).read_by == "model"

    told = second.build("none").manifest.multilingual

    assert told
    assert (told.file, dict(told.languages)) == ("", {"de": 1, "en": 1})


def test_asking_in_another_language_leaves_word_for_the_next_build(second: Second) -> None:
    """The mark is of the index, and its folder is still one."""
    second.build()
    index = Index(second.case.index)
    assert not index.is_asked_in_others

    index.note_asked_in_others()
    index.note_asked_in_others()

    assert index.is_asked_in_others
    second.build()
    assert multilingual.READ_BY_MODEL == ("", "en", "zh")
