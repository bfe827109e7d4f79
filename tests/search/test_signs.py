"""What speaks for a chunk beside the searches, measured on small indexes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from indexes import Case

from assistant.language import analyzer
from assistant.search import signs
from assistant.search.fusion import Signs
from assistant.store.snapshot import Snapshot

TODAY = date(2026, 5, 12)

pytestmark = pytest.mark.usefixtures("without_calibration")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Notes with names, dates, numbers and signs."""
    case = Case(tmp_path)
    case.write("boiler-service.md", "Bleed the radiators first.\n")
    case.write("2026-05-11.md", "## Log\n\nFixed the fence.\n")
    case.write("2026-05-04.md", "## Log\n\nFixed the gate.\n")
    case.write("http.md", "## 502 Bad Gateway\n\nThe proxy fails.\n\n## 404 Not Found\n\nGone.\n")
    case.write("python.md", "## `:=`\n\nAssigns within.\n\n## 11 loops\n\nFor and while.\n")
    case.build()
    return case


def told(case: Case, question: str, bm25: Mapping[str, float] | None = None) -> dict[str, Signs]:
    """Return what speaks for the chunks of an index, by note and last heading.

    Args:
        case: Notes of which each entry is one chunk.
        question: What is asked.
        bm25: Of the chunks that the lexical search found, named likewise.
    """
    with Snapshot(case.index) as snapshot:
        places = snapshot.places([row for (row,) in snapshot.query("SELECT id FROM chunks")])
        paths = snapshot.headings({place.entry for place in places.values()})
        called = {
            row: " ".join([place.path.removesuffix(".md"), *paths.get(place.entry, ())[-1:]])
            for row, place in places.items()
        }
        scores = {row: (bm25 or {})[name] for row, name in called.items() if name in (bm25 or {})}
        asked = signs.wording(question, analyzer.query_terms(question), TODAY)
        found = signs.signs(snapshot, asked, places, scores)
        return {called[row]: sign for row, sign in found.items()}


def those(found: Mapping[str, Signs], sign: str) -> set[str]:
    """Return the chunks for which one sign speaks."""
    return {name for name, signs in found.items() if getattr(signs, sign)}


def test_the_name_of_a_note_speaks_for_its_chunks(case: Case) -> None:
    """A file name is a name, and only the note that is called so has it."""
    found = told(case, "boiler service")

    assert those(found, "named") == {"boiler-service"}
    assert found["boiler-service"].named == pytest.approx(1.0)


@pytest.mark.parametrize("question", ["what did I do on 11 May 2026", "what did I do yesterday"])
def test_a_date_speaks_for_the_note_of_that_day(case: Case, question: str) -> None:
    """It is read in any form, and counted from today where it is a word; no other day has it."""
    assert those(told(case, question), "dated") == {"2026-05-11 Log"}


def test_the_date_of_the_front_matter_is_the_notes(case: Case) -> None:
    """It counts as one in the name does; the time of a file, which a clone sets, does not."""
    case.write("trip.md", "---\ndate: 2026-05-20\n---\n## Log\n\nSaw the sea.\n")
    case.build()
    assert those(told(case, "what was there on 20 May 2026"), "dated") == {"trip Log"}
    today = date.today()  # the time of all files
    assert those(told(case, f"what was there on {today:%Y-%m-%d}"), "dated") == set()


def test_a_note_whose_file_names_nothing_is_asked(tmp_path: Path) -> None:
    """A page without a heading, called README or a sign, is found as all others are."""
    case = Case(tmp_path)
    for name in ("README.md", "_.md"):
        case.write(name, "The fence is green.\n")
    case.build()
    assert len(case.ask("which fence is green")) >= 1


def test_last_week_is_each_of_its_days(case: Case) -> None:
    """The week before the one of today, from Monday on."""
    assert those(told(case, "what was done last week"), "dated") == {"2026-05-04 Log"}


def test_a_question_without_a_date_asks_for_none(case: Case) -> None:
    """Then no note is dated, whatever its name."""
    assert those(told(case, "what is in the log"), "dated") == set()


def test_a_number_speaks_for_the_heading_that_has_it(case: Case) -> None:
    """Numbers of headings are content; those of a date are not asked for."""
    assert those(told(case, "what does 502 mean"), "numbered") == {"http 502 Bad Gateway"}
    assert those(told(case, "11 May 2026"), "numbered") == set()


def test_a_sign_speaks_for_the_heading_that_is_it(case: Case) -> None:
    """A sign stands alone in the question, and in the heading."""
    assert those(told(case, "what does := do"), "signed") == {"python :="}


def test_the_words_held_count_by_their_rarity(case: Case) -> None:
    """A chunk's share is the sum of what its words tell: log of chunks by those that have one."""
    found = told(case, "fixed fence")
    rare, usual = math.log(8 / 1), math.log(8 / 2)

    assert found["2026-05-11 Log"].covered == pytest.approx(1.0)
    assert found["2026-05-04 Log"].covered == pytest.approx(usual / (usual + rare))
    assert found["http 404 Not Found"].covered == 0.0


def test_words_that_no_note_has_count_most(case: Case) -> None:
    """What is missing everywhere leaves little covered."""
    known, unknown = math.log(8 / 1), math.log(8 / 0.5)

    covered = told(case, "fence zeppelin")["2026-05-11 Log"].covered

    assert covered == pytest.approx(known / (known + unknown))


def test_a_note_counts_by_its_best_chunk(case: Case) -> None:
    """BM25 of a note's best chunk, of the highest of all, is that of all its chunks."""
    scores = {"http 502 Bad Gateway": 4.0, "http 404 Not Found": 2.0, "python 11 loops": 1.0}
    found = told(case, "proxy", scores)

    assert found["http 404 Not Found"].of_note == found["http 502 Bad Gateway"].of_note == 1.0
    assert found["python 11 loops"].of_note == found["python :="].of_note == 0.25
    assert found["boiler-service"].of_note == 0.0


def test_no_more_words_are_looked_up_than_tell(case: Case) -> None:
    """A pasted page costs as many look-ups as a long question."""
    terms = [f"word{i}" for i in range(10 * signs.MOST_WORDS)]

    assert len(signs.wording("", terms, TODAY).terms) == signs.MOST_WORDS
    assert told(case, " ".join(terms))["boiler-service"].covered == 0.0


def test_a_week_is_a_number_and_its_days(case: Case) -> None:
    """Which of the two is meant, the notes tell: a heading, or the days that notes are of."""
    case.write("training.md", "## Week 20\n\nRest.\n\n## Week 2\n\nRun.\n")
    case.build()

    found = told(case, "what is on in week 20")

    assert those(found, "numbered") == {"training Week 20"}
    assert those(found, "dated") == {"2026-05-11 Log"}


def test_a_heading_that_says_the_opposite_is_opposed(case: Case) -> None:
    """The word itself, or neither, is not."""
    case.write("disks.md", "## Mount a disk\n\nA.\n\n## Unmount a disk\n\nB.\n\n## Disk\n\nC.\n")
    case.build()

    assert those(told(case, "unmount the disk"), "opposed") == {"disks Mount a disk"}


def test_a_quarter_is_not_its_first_month(tmp_path: Path) -> None:
    """A note of a quarter or a week is dated by its first day, which no question for that means."""
    case = Case(tmp_path)
    case.write("2025-Q2.md", "Revenue is flat.\n")
    case.write("2025-04.md", "Moved.\n")
    case.build()

    assert those(told(case, "what was in April 2025"), "dated") == {"2025-04"}
