"""Tests of what can be read of an index without asking: notes, headings, filters, the map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeEncoder, write_model
from notes_of_page import write

from assistant.errors import NotFoundError, UsageError
from assistant.indexing import mapping
from assistant.indexing.build import build
from assistant.library import browse
from assistant.results import Filter
from assistant.search import filters
from assistant.store.snapshot import Snapshot
from assistant.store.update import Update


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
    """Each entry has one point, also after notes changed, went and came; none moves by that."""
    notes = write(tmp_path)
    before: dict[tuple[str, ...], tuple[float, float]] = {}
    for step in range(3):
        if step == 1:
            (notes / "hostile.md").unlink()
            (notes / "new.md").write_text("# New\n\n## One\n\nwords of one\n", encoding="utf-8")
        if step == 2:
            (notes / "new.md").write_text("# New\n\n## Two\n\nother words\n", encoding="utf-8")
        with Snapshot(built(tmp_path)) as snapshot:
            rows = [row for (row,) in snapshot.query("SELECT id FROM entries")]
            points = browse.points(snapshot)
            plane = snapshot.plane()

        assert sorted(point.entry for point in points) == sorted(rows)
        assert plane is not None
        assert plane[1] == mapping.FORM
        now = {(point.note, *point.headings): (point.x, point.y) for point in points}
        assert all(now[entry] == at for entry, at in before.items() if entry in now)
        before = now


def test_map_is_made_anew_when_the_notes_have_grown(tmp_path: Path) -> None:
    """From where the entries lay, so that one knows it again; and when it was made otherwise."""
    notes = write(tmp_path)
    with Snapshot(built(tmp_path)) as snapshot:
        made_of = snapshot.plane()
    assert made_of is not None
    many = "".join(f"## Part {n}\n\nwords of part {n}\n\n" for n in range(made_of[0]))
    (notes / "many.md").write_text(many, encoding="utf-8")
    with Snapshot(built(tmp_path)) as snapshot:
        assert snapshot.plane() == (made_of[0] * 2, mapping.FORM)
        grown = {point.entry: point for point in browse.points(snapshot)}
        assert len(grown) == made_of[0] * 2

    with Update(tmp_path / "index") as update, update.transaction():
        update.put_plane(made_of[0] * 2, b"otherwise")
    (notes / "many.md").write_text(many + "more\n", encoding="utf-8")
    with Snapshot(built(tmp_path)) as snapshot:
        assert snapshot.plane() == (made_of[0] * 2, mapping.FORM)


def test_more_entries_than_a_map_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those above the limit are placed among the others."""
    monkeypatch.setattr(mapping, "MOST", 3)
    write(tmp_path)
    for _ in range(2):
        with Snapshot(built(tmp_path)) as snapshot:
            assert snapshot.plane() == (3, mapping.FORM)
            assert len(browse.points(snapshot)) == len(snapshot.entries()) > 3
        (tmp_path / "notes" / "one.md").write_text("# One\n\nmore\n", encoding="utf-8")


def test_few_and_many_new_entries_are_placed_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the engine finds their nearest or all are compared; a full map takes no more."""
    maps = []
    for few in (100, 0):
        monkeypatch.setattr(mapping, "FEW", few)
        folder = tmp_path / str(few)
        folder.mkdir()
        notes = write(folder)
        parts = "".join(f"## Part {n}\n\nwords of part {n}\n\n" for n in range(40))
        (notes / "many.md").write_text(parts, encoding="utf-8")
        with Snapshot(built(folder)) as snapshot:
            before = {point.entry for point in browse.points(snapshot)}
        (notes / "one.md").write_text("# One\n\nhow to boil water\n", encoding="utf-8")
        with Snapshot(built(folder)) as snapshot:
            maps.append([(p.entry, p.x, p.y) for p in browse.points(snapshot)])
            assert {entry for entry, *_ in maps[-1]} > before
    for one, other in zip(*maps, strict=True):
        assert one == pytest.approx(other, abs=0.05)

    monkeypatch.setattr(mapping, "SHOWN", len(maps[-1]))
    (notes / "two.md").write_text("# Two\n\nhow to fry water\n", encoding="utf-8")
    with Snapshot(built(folder)) as snapshot:
        assert len(browse.points(snapshot)) == len(maps[-1]) < len(snapshot.entries())


def test_regions_say_what_their_entries_are_about(tmp_path: Path) -> None:
    """Each entry lies in one region, and a region has words of its own entries."""
    write(tmp_path)
    with Snapshot(built(tmp_path)) as snapshot:
        points = browse.points(snapshot)
        regions = browse.regions(snapshot, points)
        texts = snapshot.beginnings([point.entry for point in points], 10_000)

        assert browse.regions(snapshot, []) == []
    entries = [entry for region in regions for entry in region.entries]
    assert sorted(entries) == sorted(point.entry for point in points)
    for region in regions:
        said = " ".join(" ".join(texts[entry]) for entry in region.entries).lower()
        assert all(word in said for word in region.words)
