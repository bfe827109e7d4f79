"""Tests of what can be read of an index without asking: notes, headings, filters, the map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder, write_model
from notes_of_page import write

from assistant.embedding.map_plane import Plane, means
from assistant.embedding.vectors import unpacked
from assistant.errors import NotFoundError, UsageError
from assistant.indexing.build import build
from assistant.library import browse
from assistant.results import Filter
from assistant.search import filters
from assistant.store.snapshot import Snapshot


def built(folder: Path) -> Path:
    """Bring the index of a folder's notes up to date; return where it lies."""
    model = folder / "model"
    if not model.exists():
        write_model(model)
    build(folder / "index", [folder / "notes"], model, open_encoder=FakeEncoder)
    return folder / "index"


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[Snapshot]:
    """The notes of the page, indexed."""
    write(tmp_path)
    with Snapshot(built(tmp_path)) as opened:
        yield opened


def paths_of(snapshot: Snapshot, wanted: Filter) -> set[str]:
    """The notes whose chunks a filter lets through."""
    found = filters.chunks(snapshot, wanted)
    assert found is not None
    return {place.path for place in snapshot.places(found).values()}


def test_notes_tags_and_folders(snapshot: Snapshot) -> None:
    """Notes come in order of path, with what their front matter says."""
    assert [note.path for note in snapshot.notes()] == [
        "chinese.md",
        "hostile.md",
        "kitchen/eggs.md",
    ]
    assert browse.tags(snapshot.notes()) == ["danger", "kitchen", "short"]
    assert browse.folders(snapshot.notes()) == ["kitchen/"]


def test_outline_has_every_note_and_entry_in_order(snapshot: Snapshot) -> None:
    """Each note comes with its title and its entries, each with heading path and line."""
    outline = browse.outlines(snapshot)

    assert [summary.note for summary, _ in outline] == [
        "chinese.md",
        "hostile.md",
        "kitchen/eggs.md",
    ]
    eggs, entries = outline[2]
    assert (eggs.title, eggs.entries) == ("Eggs", len(entries))
    assert [(head.headings[-1], head.line) for head in entries] == [
        ("Eggs", 5),
        ("Boil an egg", 7),
        ("Fry an egg", 23),
        ("Time the eggs", 28),
    ]


def test_entry_at_and_neighbours(snapshot: Snapshot) -> None:
    """An entry is found by file and line, and leads to those beside it."""
    path = next(file.absolute for file in snapshot.digests() if file.path.endswith("eggs.md"))
    row = browse.entry_at(snapshot, path, 12)
    assert row is not None
    before, after = browse.neighbours(snapshot, row)

    assert snapshot.entry(row).entry.headings == ("Boil an egg",)
    assert before is not None
    assert before.headings == ("Eggs",)
    assert after is not None
    assert after.headings == ("Fry an egg",)
    last = browse.neighbours(snapshot, after.row)[1]
    assert last is not None
    assert browse.neighbours(snapshot, last.row)[1] is None
    assert browse.entry_at(snapshot, path.with_name("none.md"), 12) is None


def test_entry_is_found_again_after_a_build(tmp_path: Path) -> None:
    """An entry that a build renumbered is found by its headings, or by its line if renamed."""
    notes = write(tmp_path)
    with Snapshot(built(tmp_path)) as snapshot:
        fry = next(p for p in browse.points(snapshot) if p.headings[-1] == "Fry an egg")
        old = snapshot.entry(fry.entry)
    note = notes / "kitchen" / "eggs.md"
    text = note.read_text(encoding="utf-8")
    changes = {
        "Fry an egg": text.replace(
            "## Boil an egg", "## Beat an egg\n\nBeat it.\n\n## Boil an egg"
        ),
        "Sear an egg": text.replace("Fry an egg", "Sear an egg"),
    }
    for heading, changed in changes.items():
        note.write_text(changed, encoding="utf-8")
        with Snapshot(built(tmp_path)) as snapshot:
            row = browse.find_again(snapshot, old)

            assert row is not None
            assert snapshot.entry(row).entry.headings[-1] == heading
    note.unlink()
    with Snapshot(built(tmp_path)) as snapshot:
        assert browse.find_again(snapshot, old) is None


def test_examples_are_headings(snapshot: Snapshot) -> None:
    """Example questions are taken from the headings, as many as are wanted even from one note."""
    headings = {
        "Boil an egg",
        "Fry an egg",
        "Time the eggs",
        "怎么煮鸡蛋",
        "Disarm a hostile note :smile: -> <- --",
    }

    assert browse.examples(snapshot, 1) == ["怎么煮鸡蛋"]
    assert set(browse.examples(snapshot, 5)) == headings
    assert set(browse.examples(snapshot, 9)) == headings


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        (Filter(note="kitchen/"), {"kitchen/eggs.md"}),
        (Filter(note="hostile.md"), {"hostile.md"}),
        (Filter(note="*s*.md"), {"kitchen/eggs.md", "hostile.md", "chinese.md"}),
        (Filter(tags=("kitchen",)), {"kitchen/eggs.md"}),
        (Filter(language="zh"), {"chinese.md"}),
        (Filter(language="en"), {"hostile.md", "kitchen/eggs.md"}),
        (Filter(tags=("danger",), language="en"), {"hostile.md"}),
    ],
)
def test_filters_let_through(snapshot: Snapshot, wanted: Filter, paths: set[str]) -> None:
    """A filter lets through the chunks of the notes, tag and language it names."""
    found = paths_of(snapshot, wanted)

    assert found == paths


def test_empty_filter_is_no_limit(snapshot: Snapshot) -> None:
    """No filter means all chunks, which need not be listed."""
    assert filters.chunks(snapshot, Filter()) is None


@pytest.mark.parametrize(
    "wanted",
    [Filter(note="x*"), Filter(tags=("x",)), Filter(tags=("danger",), language="zh")],
)
def test_filter_that_fits_nothing_says_so(snapshot: Snapshot, wanted: Filter) -> None:
    """A filter that lets nothing through is an error for users."""
    with pytest.raises(NotFoundError):
        filters.chunks(snapshot, wanted)


def test_chinese_goes_by_the_share_of_han() -> None:
    """Chinese prose with code in it is Chinese; a Chinese name in English is not."""
    assert filters.is_chinese("用 torch.cuda.empty_cache() 释放显存缓存")
    assert not filters.is_chinese("Beijing is written 北京, and that is that")
    assert not filters.is_chinese("1234")


def test_any_language_of_the_notes_is_a_filter(tmp_path: Path) -> None:
    """A note is in one language, by code or name; Japanese is not Chinese, nor German English."""
    notes = {
        "de.md": "## Heizung\n\nDie Heizung wird im Herbst von der Firma gewartet.\n",
        "ja.md": "## 会議室の予約\n\n会議室の予約は内線に電話してください。\n",
        "both.md": "## Rice\n\nWash it and let it stand.\n\n## 米饭\n\n把米洗干净，放一会。\n",
    }
    (tmp_path / "notes").mkdir()
    for name, text in notes.items():
        (tmp_path / "notes" / name).write_text(text, encoding="utf-8")
    with Snapshot(built(tmp_path)) as snapshot:
        assert browse.choices(snapshot).languages == ("de", "ja", "zh")
        for named, paths in (
            *(("de", {"de.md"}), ("German", {"de.md"}), ("ja", {"ja.md"})),
            *(("en", {"both.md"}), ("zh", {"both.md"})),
        ):
            assert paths_of(snapshot, Filter(language=named)) == paths, named
        assert filters.chunks(snapshot, Filter(language="zh")) != filters.chunks(
            snapshot, Filter(language="en")
        )
        with pytest.raises(NotFoundError, match="in French") as raised:
            filters.chunks(snapshot, Filter(language="fr"))
        assert raised.value.remedy == "the notes are in Chinese, German, Japanese"
        with pytest.raises(UsageError, match="no language is called 'Germen'") as misspelt:
            filters.chunks(snapshot, Filter(language="Germen"))
        assert "'german'" in misspelt.value.remedy


def test_every_entry_is_on_the_map(tmp_path: Path) -> None:
    """Each entry has one point, also after notes changed, went and came."""
    notes = write(tmp_path)
    for step in range(3):
        if step == 1:
            (notes / "hostile.md").unlink()
            (notes / "new.md").write_text("# New\n\n## One\n\nwords of one\n", encoding="utf-8")
        if step == 2:
            (notes / "new.md").write_text("# New\n\n## Two\n\nother words\n", encoding="utf-8")
        with Snapshot(built(tmp_path)) as snapshot:
            rows = [row for (row,) in snapshot.query("SELECT id FROM entries")]
            points = browse.points(snapshot)

            assert sorted(point.entry for point in points) == sorted(rows)
            plane = snapshot.plane()
            assert plane is not None
            stored = snapshot.query(
                "SELECT c.entry, v.vector FROM chunks c JOIN vectors v ON v.digest = c.text_digest"
                " ORDER BY c.id"
            )
            vectors = np.vstack([unpacked(blob) for _, blob in stored])
            centres, owners = means(vectors, np.array([entry for entry, _ in stored]))
            placed = dict(zip(owners.tolist(), plane.place(centres).tolist(), strict=True))
            for point in points:
                assert [point.x, point.y] == pytest.approx(placed[point.entry], abs=1e-5)


def test_plane_is_that_of_the_singular_vectors() -> None:
    """The axes are those of a singular value decomposition, with their signs fixed."""
    vectors = np.random.default_rng(3).normal(size=(200, 20)).astype(np.float32)
    vectors[:, 7] *= 5
    vectors[:, 3] *= 3
    plane = Plane.fit(vectors)
    _, _, expected = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)

    assert np.abs((plane.axes * expected[:2]).sum(axis=1)) == pytest.approx([1, 1], abs=1e-3)
    assert plane.axes[0, 7] > 0
    assert plane.axes[1, 3] > 0
    again = Plane.from_bytes(plane.count, plane.to_bytes())
    assert np.array_equal(again.place(vectors), plane.place(vectors))


def test_plane_of_one_vector() -> None:
    """A single entry lies in the middle."""
    vectors = np.ones((1, 4), np.float32)

    assert Plane.fit(vectors).place(vectors).tolist() == [[0.0, 0.0]]


def test_plane_serves_until_the_notes_have_grown() -> None:
    """A plane is kept for small changes, and fitted anew for large ones."""
    plane = Plane(100, np.zeros(2, np.float32), np.eye(2, dtype=np.float32))

    assert plane.serves(100)
    assert plane.serves(149)
    assert not plane.serves(151)
    assert not plane.serves(60)
