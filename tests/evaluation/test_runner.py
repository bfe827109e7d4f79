"""Tests of assistant eval and why-not: questions, evaluate, pseudo, history, scorecard, whynot."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant.answering.answer import ask
from assistant.cli import app
from assistant.embedding import background
from assistant.embedding.encoder import Encoder
from assistant.embedding.export import exported
from assistant.embedding.model import DEFAULT_MODEL
from assistant.errors import AssistantError, NotFoundError, UsageError
from assistant.evaluation import explanation, heading_questions, history, questions, report, runner
from assistant.evaluation.history import Past
from assistant.evaluation.questions import Question, Target
from assistant.evaluation.runner import Found, Outcome, Ranking
from assistant.indexing.build import build
from assistant.markdown import split_entries
from assistant.notes.front_matter import front_matter
from assistant.records import Entry, NoteFile, StoredEntry
from assistant.search.searcher import Searcher
from assistant.store.snapshot import Snapshot

same_every_run = settings(derandomize=True, deadline=None, max_examples=30)

NOTES = {
    "kitchen.md": """# Kitchen

## 1. Bake bread

Knead flour, water and yeast, let the dough rise for an hour, then bake it in a hot oven.

## Syntax

A generic heading that nobody can ask for, with some words below it.

## Make `coffee`

Grind the beans, pour hot water over them, and wait four minutes before you press.
""",
    "garden/plants.md": """# Garden

## Water the tomatoes

Tomatoes want a litre every morning, at the root and never on the leaves.

## Prune roses

Cut dead branches above an outward bud, at the end of winter.

### Tools for it

Sharp secateurs and gloves.
""",
    "long.md": "## Knots\n\n" + "A bowline makes a loop that holds and never slips.\n\n" * 40,
}


@pytest.fixture(scope="session")
def encoder() -> Future[Encoder]:
    """The real model."""
    return background.open_encoder(DEFAULT_MODEL)


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three notes and one that cannot be read."""
    folder = tmp_path_factory.mktemp("notes")
    for name, text in NOTES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "broken.md").write_bytes(b"a\0b")
    return folder


@pytest.fixture(scope="session")
def index(notes: Path, encoder: Future[Encoder], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the notes."""
    folder = tmp_path_factory.mktemp("index")
    build(folder, [notes], exported(DEFAULT_MODEL), open_encoder=encoder.result)
    return folder


@pytest.fixture
def searcher(index: Path, encoder: Future[Encoder]) -> Iterator[Searcher]:
    """The index, open."""
    found = Searcher(index, encoder)
    yield found
    found.close()


def run(index: Path, *words: str) -> str:
    """Run a command that succeeds; return what it printed."""
    result = CliRunner().invoke(app.app, ["--index", str(index), *words])
    if isinstance(result.exception, AssistantError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def lines_of(*rows: dict[str, object]) -> str:
    """Questions as a file holds them."""
    return "".join(json.dumps(row) + "\n" for row in rows)


ASKED = lines_of(
    {"question": "how do I bake bread", "note": "kitchen.md", "heading": "Bake bread"},
    {"question": "when to water tomatoes", "note": "garden/plants.md", "lines": [3, 5]},
    {"question": "which shears for roses", "note": "garden/plants.md", "heading": "Prune roses"},
    {"question": "how do I bake bread?", "note": "long.md", "heading": "Knots", "kind": "wrong"},
    {"question": "quantum chromodynamics of neutron stars"},
)


def test_a_question_has_its_places() -> None:
    """A line gives the question, its kind, and every place that answers."""
    line = '{"question": "q", "note": "a.md", "heading": "H", "also": [["b.md", "I"]], "kind": "k"}'

    found = questions.parse(line, "f:1")

    assert (found.text, found.kind, found.where) == ("q", "k", "f:1")
    assert [target.shown for target in found.targets] == ["a.md › H", "b.md › I"]


def test_a_question_without_a_note_is_unanswerable() -> None:
    """Nothing is expected of it but a refusal."""
    assert questions.parse('{"question": "q", "note": null}', "").targets == ()
    assert questions.parse('{"question": "q"}', "").kind == questions.UNANSWERABLE


def test_plain_lines_and_tables_are_the_same_questions(tmp_path: Path) -> None:
    """A question, a tab and its place; columns of a CSV file; JSON: all are read alike."""
    paths = {"a.md": [("One", "Two words"), ("One",)]}
    forms = {
        "q.txt": "how, then\ta#Two words\nwhere\ta.md\n\nwhy\t\n",
        "q.csv": 'question,note,heading\n"how, then",a.md,Two words\nwhere,a,\nwhy,,\n',
        "q.jsonl": '{"question": "how, then", "note": "a.md", "heading": "Two words"}\n'
        '{"question": "where", "note": "a.md"}\n{"question": "why"}\n',
    }
    read = []
    for name, text in forms.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        found = questions.read(tmp_path / name, paths)
        read.append(
            [(one.text, one.kind, [(t.note, t.heading) for t in one.targets]) for one in found]
        )
    assert read[0] == read[1] == read[2]
    assert read[0][0] == ("how, then", "answerable", [("a.md", "two words")])
    assert read[0][2] == ("why", "unanswerable", [])


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("nonsense", "neither JSON nor a question, a tab"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"note": "a.md"}', 'no "question"'),
        ('{"question": " "}', '"question" is not a text'),
        ('{"question": "q", "heading": "H"}', '"heading" without "note"'),
        ('{"question": "q", "note": "a.md", "lines": [3, 2]}', '"lines" is not'),
        ('{"question": "q", "note": "a.md", "lines": [true, 2]}', '"lines" is not'),
        ('{"question": "q", "note": "a.md", "lines": [1, 2], "heading": "H"}', "both"),
        ('{"question": "q", "note": "a.md", "also": [["b.md"]]}', '"also" is not'),
    ],
)
def test_a_bad_line_is_told_with_its_number(tmp_path: Path, line: str, cause: str) -> None:
    """The message names file, line and fault, and nothing is run."""
    file = tmp_path / "q.jsonl"
    file.write_text(f'{{"question": "fine"}}\n\n{line}\n', encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        questions.read(file, {})

    assert caught.value.cause.startswith(f"{file}:3: ")
    assert cause in caught.value.cause


@pytest.mark.parametrize(
    ("row", "cause", "remedy"),
    [
        ({"note": "kitchn.md"}, "no note 'kitchn.md'", "did you mean 'kitchen.md'?"),
        (
            {"note": "kitchen.md", "heading": "Bake bred"},
            "no such heading: kitchen.md › Bake bred",
            "did you mean 'bake bread'?",
        ),
    ],
)
def test_an_unknown_place_is_told_with_the_nearest(
    index: Path, tmp_path: Path, row: dict[str, object], cause: str, remedy: str
) -> None:
    """A question that could never be a hit is a mistake of the file."""
    file = tmp_path / "q.jsonl"
    file.write_text(lines_of({"question": "q", **row}), encoding="utf-8")

    with pytest.raises(NotFoundError) as caught:
        run(index, "eval", str(file))

    assert caught.value.exit_code == 2
    assert f"{file}:1: {cause}" in caught.value.cause
    assert caught.value.remedy == remedy


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"\xff\xfe\xff"],
)
def test_a_file_without_questions_is_refused(tmp_path: Path, content: bytes) -> None:
    """An empty file, and one that is no text, are told."""
    file = tmp_path / "q.jsonl"
    file.write_bytes(content)

    with pytest.raises(UsageError, match=r"q\.jsonl"):
        questions.read(file, {})


@pytest.mark.parametrize(
    ("written", "path", "hit"),
    [
        ("Bake bread", ("Kitchen", "1. Bake bread"), True),
        ("3.2) bake  BREAD", ("Bake bread",), True),
        ("Make `coffee`", ("Make coffee",), True),
        ("`__init__`", ("__init__",), True),
        ("__init__", ("__init__",), True),
        ("Kitchen", ("Kitchen", "Bake bread"), True),
        ("Kitchen > Bake bread", ("Home", "Kitchen", "Bake bread"), True),
        ("Kitchen › Bake bread", ("Kitchen", "Bake bread"), True),
        ("a > b", ("a > b",), True),
        ("Home > Bake bread", ("Home", "Kitchen", "Bake bread"), False),
        ("Bake", ("Bake bread",), False),
        ("Bake bread", (), False),
    ],
)
def test_a_heading_is_compared_without_number_markup_and_case(
    written: str, path: tuple[str, ...], hit: bool
) -> None:
    """It is the whole of a step, or several steps in a row."""
    target = Target("a.md", questions.normal_heading(written))

    assert target.matches("a.md", path, (1, 2)) is hit
    assert not target.matches("b.md", path, (1, 2))


@pytest.mark.parametrize(
    ("lines", "hit"),
    [((10, 20), True), ((5, 14), True), ((4, 13), False), ((20, 21), True), ((21, 22), False)],
)
def test_half_of_the_lines_make_a_hit(lines: tuple[int, int], hit: bool) -> None:
    """Of ten lines, five in the range suffice and four do not."""
    assert Target("a.md", lines=(10, 20)).matches("a.md", (), lines) is hit


@same_every_run
@given(st.text())
def test_headings_of_any_text_can_be_compared(heading: str) -> None:
    """Nothing that a file may hold makes the comparison fail."""
    target = Target("a.md", questions.normal_heading(heading))

    assert target.matches("a.md", [heading], (1, 1)) in (True, False)


def test_candidates_carry_both_searches(searcher: Searcher) -> None:
    """Ranks of each search begin at 1 and follow its scores; the fused score falls, titles last."""
    found = searcher.rank(searcher.prepare("how do I bake bread in the oven"), pool=1000)
    by_vectors = sorted((c.dense_rank, c.cosine) for c in found if c.dense_rank)
    by_words = sorted((c.lexical_rank, c.bm25) for c in found if c.lexical_rank)

    assert len(found) == searcher.snapshot.manifest.chunks == len(by_vectors)
    for ranked in (by_vectors, by_words):
        assert [rank for rank, _ in ranked] == list(range(1, len(ranked) + 1))
        assert [score for _, score in ranked] == sorted((s for _, s in ranked), reverse=True)
    titles = searcher.snapshot.titles([c.chunk for c in found])
    order = [(c.chunk in titles, -c.score) for c in found]
    assert 0 < len(titles) < len(found)
    assert order == sorted(order)


def test_candidates_are_the_results_of_ask(searcher: Searcher) -> None:
    """`ask` shows the best candidate of each entry, in the order of `rank`."""
    question = "how do I bake bread"
    ranked = dict.fromkeys(c.place.entry for c in searcher.rank(searcher.prepare(question)))
    entries = [searcher.snapshot.entry(row) for row in ranked]

    answer = ask(searcher, question, 5)

    assert [r.headings for r in answer.results] == [e.entry.headings for e in entries[:5]]


def test_a_search_among_chunks_finds_no_others(searcher: Searcher) -> None:
    """It is the search of all with the others left out."""
    everything = searcher.snapshot.engine.search_terms(["water", "the"], 1000)
    among = [row for row, _ in everything][::2]

    assert searcher.snapshot.engine.search_terms(["water", "the"], 1000, among) == everything[::2]
    assert {c.chunk for c in searcher.rank(searcher.prepare("water"), among)} <= set(among)


def test_eval_prints_table_misses_and_change(index: Path, tmp_path: Path) -> None:
    """The second run says what changed since the first."""
    file = tmp_path / "mine.jsonl"
    file.write_text(ASKED, encoding="utf-8")

    first = run(index, "eval", str(file))
    second = run(index, "eval", str(file))

    head, *_ = first.splitlines()
    assert re.fullmatch(r"\d of \d came first; keyword search alone \(BM25\): \d, .*", head)
    assert "5 questions of mine; 95 % intervals" in first
    assert "BM25 alone" in first
    assert "vectors alone" in first
    assert "expected  long.md › Knots, " in first
    assert "[mine.jsonl:4]" in first
    assert "Since the last run" not in first
    assert "over 5 questions of both" in second
    assert "no question crossed rank 1, 3, 5" in second
    assert second.startswith(first.rstrip("\n"))


def test_eval_gives_json(index: Path, tmp_path: Path) -> None:
    """Every figure has its bounds, for each kind and search."""
    file = tmp_path / "json.jsonl"
    file.write_text(ASKED, encoding="utf-8")

    record = json.loads(run(index, "eval", str(file), "--json"))

    table = {(row["kind"], row["system"]): row for row in record["table"]}
    own = table["answerable", "assistant"]
    assert own["n"] == 3
    assert own["hit@1"] == {"value": 1, "low": 1, "high": 1}
    assert set(own) == {"kind", "system", "n", *runner.MEASURES}
    assert table["unanswerable", "assistant"]["refused"]["value"] == 1
    assert {system for _, system in table} == set(runner.SYSTEMS)
    assert set(record["mrr_gain_over"]) == {"BM25 alone", "vectors alone"}
    assert [miss["question"] for miss in record["misses"]] == ["how do I bake bread?"]
    assert record["change"] is None


@pytest.mark.parametrize(
    "words",
    [("eval",), ("eval", "q.jsonl", "--from-notes"), ("eval", "q.jsonl", "--limit", "3")],
)
def test_eval_needs_a_file_or_the_notes(index: Path, words: tuple[str, ...]) -> None:
    """One of the two, and --limit with the notes alone."""
    with pytest.raises(UsageError):
        run(index, *words)


def test_headings_that_ask_for_one_entry_are_asked(searcher: Searcher) -> None:
    """Titles, headings above others, generic ones and repeats are left out."""
    asked = [one.entry.headings[-1] for one in heading_questions.entries(searcher.snapshot)]

    assert asked == ["Water the tomatoes", "Tools for it", "1. Bake bread", "Make coffee", "Knots"]


def test_the_sample_is_the_same_on_every_run(searcher: Searcher) -> None:
    """It is drawn by a fixed seed, in the order of the notes, and no longer than there are."""
    found = heading_questions.entries(searcher.snapshot)

    assert heading_questions.sample(found, 3) == heading_questions.sample(found, 3)
    assert heading_questions.sample(found, 99) == found


def test_an_asked_entry_is_seen_without_its_heading(
    searcher: Searcher, encoder: Future[Encoder], tmp_path: Path
) -> None:
    """A question sees all other entries and its own text, not its own heading."""
    found = heading_questions.entries(searcher.snapshot)
    drawn = heading_questions.prepare(
        searcher.snapshot, found, tmp_path, exported(DEFAULT_MODEL), encoder
    )
    without = Searcher(drawn.folder, encoder)
    cases = {case.question.text: case for case in heading_questions.cases(without.snapshot, drawn)}

    assert list(cases) == [
        "Water the tomatoes",
        "Tools for it",
        "Bake bread",
        "Make coffee",
        "Knots",
    ]
    among = set(cases["Tools for it"].among or ())
    places = without.snapshot.places(among)
    seen = [without.snapshot.entry(row).entry for row in {p.entry for p in places.values()}]
    assert len(among) == searcher.snapshot.manifest.chunks
    assert [e.headings for e in seen if "secateurs" in e.text] == [("Prune roses",)]
    assert sum("Knead flour" in e.text for e in seen) == 1
    terms = without.snapshot.query(
        "SELECT headings FROM lexical WHERE rowid IN (SELECT value FROM json_each(?))"
        " AND body LIKE '%secateurs%'",
        (json.dumps(sorted(among)),),
    )
    assert terms == [("garden prune roses",)]  # named, since the heading is that of its twins, too
    centroids = without.snapshot.centroids({place.note for place in places.values()})
    of_note = {place.path: centroids[place.note] for place in places.values()}
    twin = cases["Tools for it"].question.targets[0].note
    assert 0.9 < float(of_note[twin] @ of_note["garden/plants.md"]) < 0.9999
    assert runner.run(without, [cases["Tools for it"]])[0].question.targets[0].note in {
        place.path for place in places.values()
    }
    without.close()


any_heading = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12).map(
    lambda words: normalize("NFC", words)
)
"""Headings are kept with their accents in one form."""


@same_every_run
@given(
    st.lists(any_heading, max_size=7), st.sampled_from(["---\n\na: b\n\n---", "- x\n- y", "plain"])
)
def test_a_twin_keeps_headings_above_and_text(above: list[str], body: str) -> None:
    """Whatever signs a heading has, it is read back as it was; a body is never front matter."""
    source = f"## Own\n\n{body}"
    entry = Entry((*above, "Own"), 1, source, body=source.index(body))
    stored = StoredEntry(1, NoteFile(Path("x"), "a.md", 0, 0), entry, ())

    *_, last = split_entries(heading_questions.twin_text(stored))

    assert last.headings == tuple(above[-5:])
    assert last.text[last.body :].strip() == body


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12))
def test_a_twin_keeps_what_its_note_is_about(about: str) -> None:
    """Whatever signs a description has, the twin's note has the same."""
    entry = Entry(("Own",), 1, "## Own\n\nplain", body=7)
    stored = StoredEntry(1, NoteFile(Path("x"), "a.md", 0, 0), entry, ())

    found = front_matter(heading_questions.twin_text(stored, about))

    assert found.about == ("" if about.lower() in ("~", "null") else about)


def test_eval_from_notes_prints_the_same_table(index: Path) -> None:
    """Headings find their own entries among the rest, and the index is left as it was."""
    with Snapshot(index) as snapshot:
        before = snapshot.manifest

    record = json.loads(run(index, "eval", "--from-notes", "--limit", "4", "--json"))

    own = record["table"][0]
    assert (own["kind"], own["system"], own["n"]) == ("heading", "assistant", 4)
    assert own["hit@5"]["value"] >= 0.75
    with Snapshot(index) as snapshot:
        assert snapshot.manifest == before


def outcome(text: str, rank: int, *, refused: bool = False, answerable: bool = True) -> Outcome:
    """What came of a made-up question."""
    targets = (Target("a.md", shown="a.md"),) if answerable else ()
    return Outcome(
        Question(text, "k" if answerable else "u", "f:1", targets),
        "none" if refused else "found",
        (Ranking(rank, ("a.md",)), Ranking(2, ("b.md", "a.md")), Ranking(0, ())),
        Found("a.md", ("A", "B"), (1, 2)),
    )


def test_table_by_hand() -> None:
    """Means over each kind; what nothing answers counts for refusals alone."""
    rows = runner.table(
        [outcome("a", 1), outcome("b", 4, refused=True), outcome("c", 0, answerable=False)]
    )
    own, words, vectors, refusals = rows

    assert [row.system for row in rows] == [*runner.SYSTEMS, runner.ASSISTANT]
    values = {name: interval.value for name, interval in own.figures.items()}
    assert values == {
        "hit@1": 0.5, "hit@3": 0.5, "hit@5": 1.0, "mrr": 0.625, "ndcg@5": 1.0, "kept": 0.5
    }  # fmt: skip
    assert words.figures["mrr"].value == 0.5
    assert vectors.figures["hit@5"].value == 0
    assert refusals.figures[runner.REFUSED].value == 0


def test_flips_are_told_by_direction(tmp_path: Path) -> None:
    """A question that crosses rank 1, 3 or 5, or is refused now, is named; others are not."""
    path = history.path_of(tmp_path, "my set")
    before = [outcome("up", 0), outcome("down", 1), outcome("still", 2), outcome("lost", 3)]
    now = [outcome("up", 2), outcome("down", 4), outcome("still", 3), outcome("new", 1)]
    refused = outcome("far", 0, answerable=False, refused=True)
    history.save(path, [*before, replace(refused, verdict="weak")])

    change = history.change_since(path, [*now, refused])

    assert path.name == "eval-my-set.json"
    assert change is not None
    assert change.common == 4
    assert {(f.question, f.better) for f in change.flips} == {
        ("up", True), ("down", False), ("far", True)
    }  # fmt: skip
    assert change.figures["hit@1"].value == pytest.approx(-1 / 3)
    assert change.figures["refused"].value == 1
    text = report.to_text(report.Scorecard("x", (*now, refused), change))
    assert "    up: not among the first 10 -> rank 2" in text
    assert "    down: rank 1 -> rank 4" in text


@pytest.mark.parametrize("content", [None, "", "[]", '{"questions": {"q": 3}, "when": 1}'])
def test_a_history_that_cannot_be_read_is_none(tmp_path: Path, content: str | None) -> None:
    """A first run, and one after a damaged file, have nothing to compare with."""
    path = tmp_path / "eval-x.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    assert history.change_since(path, [outcome("q", 1)]) is None


def test_an_outcome_is_better_by_rank_then_by_refusal() -> None:
    """Within the steps of hit@k a rank says nothing; a wrong refusal is worse."""
    assert Past(4, False, True).worth() == Past(5, False, True).worth()
    assert Past(1, False, True).worth() > Past(1, True, True).worth()
    assert Past(0, True, False).worth() > Past(0, False, False).worth()


def test_why_not_names_what_came_before(searcher: Searcher) -> None:
    """A beaten entry is told with its rank, its terms, and what the better ones have more."""
    found = explanation.explain(searcher, "garden/plants.md:5", "bake bread with hot water")
    first, *_ = found.above

    assert found.nearest is not None
    assert found.nearest.place.headings == ("Water the tomatoes",)
    assert found.nearest.has == ("water",)
    assert found.nearest.lacks == ("bake", "bread", "hot")
    assert first.place.headings == ("1. Bake bread",)
    assert [chunk.rank for chunk in found.above] == list(range(1, len(found.above) + 1))
    text = explanation.to_text(found)
    assert f"came at rank {found.nearest.rank} of {found.entries} entries." in text
    assert "has also bake, bread, hot" in text


def test_why_not_of_the_first_says_so(searcher: Searcher) -> None:
    """There is nothing before it."""
    found = explanation.explain(searcher, "kitchen.md", "how do I bake bread")

    assert found.above == ()
    assert "came first." in explanation.to_text(found)


def test_why_not_tells_why_a_note_was_skipped(index: Path) -> None:
    """The reason is the manifest's."""
    text = run(index, "why-not", "broken.md", "anything at all")

    assert text == "broken.md is not in the index: it was skipped, binary: it holds NUL bytes.\n"


def test_why_not_takes_a_note_by_its_place_on_disk(index: Path, notes: Path) -> None:
    """As a shell completes it."""
    words = ("why-not", f"{notes / 'kitchen.md'}:5", "bake bread", "--json")

    record = json.loads(run(index, *words))

    assert (record["note"], record["state"], record["nearest"]["rank"]) == (
        "kitchen.md", "indexed", 1
    )  # fmt: skip


def test_why_not_takes_the_end_of_a_path(searcher: Searcher) -> None:
    """The name of the file alone will do where only one has it."""
    assert explanation.explain(searcher, "plants.md", "roses").note == "garden/plants.md"


@pytest.mark.parametrize(
    ("wanted", "cause", "remedy"),
    [
        ("kitchn.md", "no note 'kitchn.md'", "did you mean 'kitchen.md'?"),
        ("kitchn.md:3", "no note 'kitchn.md'", "did you mean 'kitchen.md'?"),
        ("kitchen.md:900", "line 900 of kitchen.md is not in any entry", "name a line from 1 to"),
    ],
)
def test_why_not_of_what_is_not_there(
    searcher: Searcher, wanted: str, cause: str, remedy: str
) -> None:
    """An unknown note gets the nearest name, an unknown line the lines that there are."""
    with pytest.raises(NotFoundError) as caught:
        explanation.explain(searcher, wanted, "bake bread")

    assert cause in caught.value.cause
    assert remedy in caught.value.remedy


def test_ask_does_not_load_the_evaluation() -> None:
    """Starting the command line imports none of what only eval and why-not need."""
    code = (
        "import sys, assistant.cli.app; print(*sorted(m for m in sys.modules if 'assistant.' in m))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )

    loaded = set(done.stdout.split())
    unwanted = {
        "evaluate",
        "metrics",
        "questions",
        "heading_questions",
        "history",
        "scorecard",
        "whynot",
    }
    assert loaded.isdisjoint(f"assistant.{name}" for name in unwanted)


@pytest.mark.parametrize("command", ["eval", "why-not"])
def test_help_has_an_example(command: str) -> None:
    """Each command shows how it is typed."""
    result = CliRunner().invoke(app.app, [command, "--help"])

    assert f"Example: assistant {command} " in result.stdout
