"""The notes that ship with the project: their form, their code, and the questions put to them."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from content_blocks import Block, ContentEntry, front_matter, read_entries, stray_outputs
from content_runner import compile_block, run_blocks

ROOT = Path(__file__).parents[2]
NOTES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "content").glob("*.md"))}
TITLES_AND_ENTRIES = [entry for name, text in NOTES.items() for entry in read_entries(name, text)]
ENTRIES = [entry for entry in TITLES_AND_ENTRIES if entry.level > 1]
BLOCKS = [(entry, block) for entry in TITLES_AND_ENTRIES for block in entry.blocks]
PYTHON = [(entry, block) for entry, block in BLOCKS if block.language == "python"]

ANSWERABLE = {"paraphrase", "symbol", "terse", "zh", "cross", "symptom", "typo"}
UNANSWERABLE = {"unanswerable-far", "unanswerable-near"}


@dataclass(frozen=True, slots=True)
class AskedOfContent:
    """A question, and the entries that answer it; none for a question that nothing answers."""

    where: str
    """File and line, for messages."""
    text: str
    kind: str
    targets: tuple[tuple[str, str], ...]
    """Note and heading of each right entry."""


def read_questions(path: Path) -> list[AskedOfContent]:
    """Return the questions of a file, one JSON object a line."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        row = json.loads(line)
        first = [(row["note"], row["heading"])] if "note" in row else []
        also = [(note, heading) for note, heading in row.get("also", ())]
        where = f"{path.name}:{number}"
        found.append(AskedOfContent(where, row["question"], row["kind"], tuple(first + also)))
    return found


def plain(heading: str) -> str:
    """Return a heading without the backticks round its symbols."""
    return heading.replace("`", "")


QUESTIONS = [
    question
    for path in sorted((ROOT / "tests" / "project" / "questions").glob("*.jsonl"))
    for question in read_questions(path)
]


@pytest.fixture(autouse=True)
def _no_screen_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks draw into memory, and libraries look for models on this machine only."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.mark.filterwarnings("default")  # a note may show a warning, and third parties raise theirs
@pytest.mark.parametrize(
    "entry",
    [entry for entry in TITLES_AND_ENTRIES if any(block.runs for block in entry.blocks)],
    ids=lambda entry: entry.name,
)
def test_code_of_an_entry_runs_and_prints_what_it_says(entry: ContentEntry, tmp_path: Path) -> None:
    """The Python blocks of an entry run in order, and print what their output fences show."""
    blocks = [block for block in entry.blocks if block.runs]
    printed = run_blocks(blocks, tmp_path)
    shown = [(block, text.strip()) for block, text in zip(blocks, printed, strict=True)]
    compared = [(block, text) for block, text in shown if block.expected is not None]

    assert [text for _, text in compared] == [str(b.expected).strip() for b, _ in compared]


@pytest.mark.parametrize(
    ("entry", "block"),
    [
        pytest.param(entry, block, id=f"{entry.note}:{block.line}")
        for entry, block in PYTHON
        if not block.runs
    ],
)
def test_code_that_cannot_run_here_compiles(entry: ContentEntry, block: Block) -> None:
    """A block marked ``no-run`` gives its reason and is correct Python."""
    assert block.no_run, entry.name
    compile_block(block, entry.note)


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, id=f"{entry.note}:{block.line}")
        for entry, block in BLOCKS
        if block.language == "bash"
    ],
)
def test_shell_parses(block: Block) -> None:
    """Bash reads every ``bash`` block without a syntax error."""
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, encoding="utf-8")

    assert (done.returncode, done.stderr) == (0, "")


def test_most_code_runs() -> None:
    """At most 15 % of the Python blocks are marked ``no-run``."""
    held_back = [block for _, block in PYTHON if not block.runs]

    assert len(held_back) <= 0.15 * len(PYTHON)


def test_fences_name_their_language() -> None:
    """An info string is one lower-case word, or ``python no-run: reason``."""
    form = re.compile(r"[a-z][a-z0-9+-]*|python no-run: \S.*")
    odd = [f"{e.note}:{b.line}: {b.info!r}" for e, b in BLOCKS if not form.fullmatch(b.info)]

    assert odd == []


def test_output_follows_the_code_that_prints_it() -> None:
    """An ``screen`` fence stands after a ``python`` fence, at most one sentence between."""
    assert stray_outputs(TITLES_AND_ENTRIES) == []


@pytest.mark.parametrize("name", NOTES)
def test_note_says_what_it_is(name: str) -> None:
    """A note has front matter with a title and tags, one ``#`` title, and a searchable name."""
    matter = yaml.safe_load(front_matter(NOTES[name]))
    tops = [entry for entry in TITLES_AND_ENTRIES if entry.note == name and entry.level == 1]

    assert re.fullmatch(r"[a-z0-9-]+\.md", name)
    assert isinstance(matter["title"], str)
    assert matter["tags"]
    assert all(isinstance(tag, str) for tag in matter["tags"])
    assert len(tops) == 1
    assert tops[0].prose.strip()


def test_headings_tell_entries_apart() -> None:
    """No two entries of a note have the same heading."""
    names = Counter(entry.name for entry in TITLES_AND_ENTRIES)

    assert [name for name, count in names.items() if count > 1] == []


def test_entries_have_words() -> None:
    """Every entry says something in prose, not in code alone."""
    assert [entry.name for entry in TITLES_AND_ENTRIES if not entry.prose.strip()] == []


def test_there_are_enough_entries() -> None:
    """The collection has at least 260 entries, 30 of them Chinese and 10 mixed."""
    assert len(ENTRIES) >= 260
    assert sum(entry.is_chinese for entry in ENTRIES) >= 30
    assert sum(entry.is_mixed for entry in ENTRIES) >= 10


def test_questions_name_entries_that_exist() -> None:
    """Every note and heading that a question names is in the collection."""
    known = {(entry.note, plain(entry.heading)) for entry in TITLES_AND_ENTRIES}
    lost = [
        f"{question.where}: {note}: {heading}"
        for question in QUESTIONS
        for note, heading in question.targets
        if (note, plain(heading)) not in known
    ]

    assert lost == []


def test_questions_are_of_known_kinds() -> None:
    """A question has a target exactly when its kind is one that the notes answer."""
    kinds = {question.kind for question in QUESTIONS}
    wrong = [q.where for q in QUESTIONS if bool(q.targets) != (q.kind in ANSWERABLE)]

    assert kinds <= ANSWERABLE | UNANSWERABLE
    assert wrong == []


def test_no_question_is_asked_twice() -> None:
    """No two questions read the same."""
    texts = Counter(question.text.casefold() for question in QUESTIONS)

    assert [text for text, count in texts.items() if count > 1] == []


def test_there_are_enough_questions() -> None:
    """At least 120 questions have an answer in the notes, and 20 have none."""
    answerable = sum(question.kind in ANSWERABLE for question in QUESTIONS)

    assert answerable >= 120
    assert len(QUESTIONS) - answerable >= 20
