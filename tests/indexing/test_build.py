"""The build: it embeds only what is new, and what it makes is what a fresh build would make."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fakes import CARD, FakeEncoder, write_model
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import (
    PYTORCH,
    TOOLS,
    Case,
    PassageEncoder,
    as_stored,
    contents,
    generation,
)

import assistant.indexing.build
from assistant import disk
from assistant.errors import ModelUnavailableError, NotesUnreadableError
from assistant.indexing import freshness, up_to_date
from assistant.markdown import chunks
from assistant.notes import listing as notes
from assistant.records import NoteFile, Skipped
from assistant.store import texts
from assistant.store.snapshot import Snapshot

QUESTIONS = ["list files of a folder", "查看进程", "alpha beta gamma", "delta epsilon", "a a a"]


pytestmark = pytest.mark.usefixtures("without_calibration")


def embedded(case: Case, *, full: bool = False) -> int:
    """Build, and return how many texts were embedded, by the encoder's own count."""
    case.encoder.encoded.clear()
    report = case.build(full=full)
    assert report.embedded == len(case.encoder.encoded)
    return report.embedded


# What a build does


def test_build_indexes(tmp_path: Path) -> None:
    """A first build reads every note and embeds every chunk once, and questions find them."""
    case = Case(tmp_path)
    case.write("pytorch.md", PYTORCH)
    case.write("sub/tools.md", TOOLS)
    report = case.build()
    assert (report.read, report.removed, report.manifest.generation) == (2, 0, 1)
    assert (report.manifest.notes, report.manifest.entries) == (2, 7)
    assert report.embedded == report.manifest.chunks == len(case.encoder.encoded)
    assert report.pieces == sum(case.encoder.count_pieces(case.encoder.encoded))
    assert case.ask("release cached GPU memory")[0] == "pytorch.md: Free GPU memory"
    assert case.ask("查看进程")[0] == "sub/tools.md: 查看进程"


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    """Progress counts word pieces upwards to exactly their total."""
    case, told = Case(tmp_path), list[tuple[str, int, int]]()
    case.write("pytorch.md", PYTORCH)
    report = assistant.indexing.build.build(
        case.index,
        [case.notes],
        case.model,
        progress=lambda *now: told.append(now),
        open_encoder=FakeEncoder,
    )
    embedding = [(done, total) for stage, done, total in told if stage == "embedding"]
    assert told[0] == ("reading", 0, 1)
    assert {total for _, total in embedding} == {report.pieces}
    assert [done for done, _ in embedding] == sorted({done for done, _ in embedding})
    assert told[-1] == ("embedding", report.pieces, report.pieces)


def test_nothing_changed_writes_nothing(case: Case) -> None:
    """A build without changes leaves every byte of the index folder alone."""
    with Snapshot(case.index):  # holds the log back from being tidied up when the build ends
        before = {p.name: (p.stat().st_size, p.stat().st_mtime_ns) for p in case.index.iterdir()}
        assert embedded(case) == 0
        after = {p.name: (p.stat().st_size, p.stat().st_mtime_ns) for p in case.index.iterdir()}
    del before["writer.lock"], after["writer.lock"]
    assert before == after
    assert generation(case.index) == 1


def test_an_edited_entry_is_embedded_alone(case: Case) -> None:
    """One edited entry of a note costs one to three chunks, and the answer shows the edit."""
    case.edit("pytorch.md", "all parameters.", "all weights and biases.")
    assert 1 <= embedded(case) <= 3
    assert generation(case.index) == 2
    assert case.ask("weights and biases")[0] == "pytorch.md: Count parameters"


@pytest.mark.parametrize(
    "change",
    [
        lambda case: (case.notes / "pytorch.md").rename(case.notes / "torch.md"),
        lambda case: (case.notes / "sub").rename(case.notes / "other"),
        lambda case: case.edit("pytorch.md", "# PyTorch", "\n\n# PyTorch"),
        lambda case: case.write("pytorch.md", "---\ntitle: x\n---\n" + PYTORCH),
        lambda case: case.write("pytorch.md", PYTORCH.replace("\n", "\r\n")),
    ],
    ids=["rename", "rename folder", "blank lines", "front matter", "line ends"],
)
def test_known_texts_are_not_embedded(case: Case, change: Callable[[Case], object]) -> None:
    """Texts that were embedded before cost nothing, whatever note they stand in now."""
    change(case)
    assert embedded(case) == 0
    assert generation(case.index) == 2
    assert "Free GPU memory" in case.ask("release cached GPU memory")[0]
    fresh = case.folder / "fresh"
    case.build(index=fresh)
    assert contents(case.index) == contents(fresh)


def test_a_moved_entry_is_not_embedded(case: Case) -> None:
    """An entry moved within its note, or to another one, keeps its vector and gets its lines."""
    title, free, count, save = PYTORCH.split("\n## ")
    case.write("pytorch.md", "\n## ".join([title, save.rstrip() + "\n", count, free]))
    assert embedded(case) == 0
    fresh = case.folder / "fresh"
    case.build(index=fresh)
    assert contents(case.index) == contents(fresh)
    case.write("pytorch.md", "\n## ".join([title, save.rstrip() + "\n", count]))
    case.write("sub/tools.md", f"{TOOLS}\n## {free}")
    assert embedded(case) == 0


def described(about: str) -> str:
    """Return a note with a description and two entries."""
    return f"---\ndescription: {about}\n---\n# Options\n\nalpha\n\n# Example\n\nbeta\n"


def test_a_description_is_read_with_every_entry(case: Case) -> None:
    """Each entry is embedded with what its note is about, and anew when that changes."""
    case.write("prune.md", described("Cut roses in spring"))

    assert embedded(case) == 2
    assert all("Cut roses in spring > " in text for text in case.encoder.encoded)
    assert case.ask("roses")[0].startswith("prune.md: ")

    case.write("prune.md", described("Cut hedges in autumn"))

    assert embedded(case) == 2
    assert all("Cut hedges in autumn > " in text for text in case.encoder.encoded)


def test_a_description_out_of_reach_stays(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full build reads a note that it cannot open with the description that the index has."""
    case.write("prune.md", described("Cut roses in spring"))
    case.build()
    hidden = Skipped("prune.md", "cannot be read: permission denied")
    read = notes.read
    monkeypatch.setattr(notes, "read", lambda f, _: hidden if f.path == hidden.path else read(f))

    assert embedded(case, full=True) == 0
    assert case.ask("roses")[0].startswith("prune.md: ")


def test_an_undone_edit_is_not_embedded(case: Case) -> None:
    """A text that comes back finds its vector, which was kept when it went."""
    case.edit("pytorch.md", "cached memory", "cached store")
    assert embedded(case) == 1
    case.edit("pytorch.md", "cached store", "cached memory")
    assert embedded(case) == 0
    (case.notes / "sub/tools.md").unlink()
    case.build()
    case.write("sub/tools.md", TOOLS)
    assert embedded(case) == 0


def test_a_deleted_note_vanishes(case: Case) -> None:
    """A note that is gone is neither found nor counted, and no word of it stays."""
    (case.notes / "sub/tools.md").unlink()
    report = case.build()
    assert (report.read, report.removed, report.manifest.notes) == (0, 1, 1)
    assert all("tools" not in found for found in case.ask("list files of a folder"))
    words = [word for word, _ in contents(case.index)["words"]]
    assert "memory" in words
    assert "ls" not in words


def test_a_touched_note_only_gets_its_time(case: Case) -> None:
    """A new time with the same bytes is stored, without a generation or a chunk."""
    before = contents(case.index)
    case.touch("pytorch.md")
    with Snapshot(case.index) as snapshot:
        assert freshness.since_build(snapshot, snapshot.manifest.sources).count == 1
    assert embedded(case) == 0
    assert generation(case.index) == 1
    with Snapshot(case.index) as snapshot:
        assert freshness.since_build(snapshot, snapshot.manifest.sources).count == 0
    after = contents(case.index)
    assert {key for key in before if before[key] != after[key]} == {"notes"}


def test_full_reuses_vectors(case: Case) -> None:
    """A full build reads everything again and embeds nothing that it knows."""
    before = contents(case.index)
    case.encoder.encoded.clear()
    report = case.build(full=True)
    assert (report.read, report.embedded, report.manifest.generation) == (2, 0, 2)
    assert contents(case.index) == before


def test_another_text_form_rebuilds(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """With other chunk settings every note is cut again; the same texts keep their vectors."""
    monkeypatch.setattr(chunks, "CHUNK_PIECES", 30)
    report = case.build()
    assert report.read == 2
    assert as_stored(case.index)["text_form"].split("/")[1] == "30"
    monkeypatch.setattr(up_to_date, "TEXT_FORM", "next")
    report = case.build()
    assert (report.read, report.embedded) == (2, 0)
    assert as_stored(case.index)["text_form"].startswith("next/")


def test_another_model_rebuilds(case: Case) -> None:
    """With another model every text is embedded anew; back at the first one, none is."""
    chunks = case.build().manifest.chunks
    other = replace(CARD, name="other", fingerprint="other")
    write_model(case.model, other)
    case.encoder = PassageEncoder(other)
    assert embedded(case) == chunks
    assert as_stored(case.index)["fingerprint"] == "other"
    write_model(case.model)
    case.encoder = PassageEncoder()
    assert embedded(case) == 0


def spare_count(index: Path) -> int:
    """Return how many vectors are kept that no chunk uses."""
    with Snapshot(index) as snapshot:
        sql = "SELECT count(*) FROM vectors WHERE digest NOT IN (SELECT text_digest FROM chunks)"
        return int(snapshot.query(sql)[0][0])


def test_spare_vectors_are_pruned_beyond_the_limit(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made of lost texts stays up to a size; beyond it the longest unused goes first."""
    with Snapshot(case.index) as snapshot:
        ((size,),) = snapshot.query(
            "SELECT length(vector) + length(pieces) FROM vectors JOIN states USING (digest)"
            " JOIN chunks ON text_digest = vectors.digest JOIN entries e ON e.id = entry"
            " WHERE e.text LIKE '%command ls%'"
        )
    monkeypatch.setattr(texts, "SPARE_BYTES", 3 * size)
    (case.notes / "pytorch.md").unlink()
    case.build()
    edits = ["ls", *(f"word{number}" for number in range(6))]
    for old, new in pairwise(edits):
        case.edit("sub/tools.md", f"command {old} ", f"command {new} ")
        case.build()
        assert spare_count(case.index) <= 4
    assert spare_count(case.index) == 3
    case.edit("sub/tools.md", "command word5 ", "command word3 ")
    assert embedded(case) == 0
    case.edit("sub/tools.md", "command word3 ", "command word1 ")
    assert embedded(case) == 1
    case.write("pytorch.md", PYTORCH)
    assert embedded(case) == 4


def test_long_texts_take_the_place_of_more_short_ones(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is their bytes that are bounded, with the states of their word pieces."""
    monkeypatch.setattr(texts, "SPARE_BYTES", 5_000)
    (case.notes / "pytorch.md").unlink()
    case.build()
    assert spare_count(case.index) == 4
    case.write("sub/tools.md", "# Tools\n\n" + "many words " * 95)  # 6 KB of states
    case.build()
    case.write("sub/tools.md", TOOLS)
    case.build()
    assert spare_count(case.index) == 0


def test_a_note_or_a_branch_that_comes_back_embeds_nothing(case: Case) -> None:
    """However many chunks it has, far more than the rest of the notes."""
    long = "".join(f"## Part {n}\n\nwords of part {n}\n\n" for n in range(800))
    case.write("long.md", long)
    assert embedded(case) == 800
    case.write("long.md", "")
    assert embedded(case) == 0
    case.write("long.md", long)
    assert embedded(case) == 0
    for branch, number in (("other", 800), ("words", 0), ("other", 0)):
        case.write("long.md", long.replace("words", branch))
        assert embedded(case) == number


def test_notes_without_text_give_an_empty_index(tmp_path: Path) -> None:
    """A note without text is a note without chunks; a question finds nothing and does not fail."""
    case = Case(tmp_path)
    case.write("empty.md", "")
    case.write("blank.md", "---\ntitle: x\n---\n\n \n")
    manifest = case.build().manifest
    assert (manifest.notes, manifest.entries, manifest.chunks) == (2, 0, 0)
    assert case.ask("anything") == []
    case.write("blank.md", "# One\n\nword\n")
    case.build()
    assert case.ask("word") == ["blank.md: One"]


# The law: whatever happened, the index is what a fresh one would be

ENTRIES = st.lists(
    st.sampled_from(
        [
            "# Title",
            "## One\n\nalpha beta gamma",
            "## One\n\nalpha beta gamma\n\n- a\n- b\n\n```python\nalpha = 1\n```",
            "## Two\n\n" + "delta epsilon. " * 150,
            "### Under\n\nzeta",
            "## 进程\n\n用 top 查看进程。",
            "no heading",
            "##\n\nnameless",
            "[link]: http://example.org\n\n---",
            "<div>\n\n## In HTML\n\neta",
            "~~~\nopen fence",
        ]
    ),
    max_size=5,
)
NAMES = st.sampled_from(["a.md", "b.md", "b/a.md", "c/d/e.markdown"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), NAMES, ENTRIES),
        st.tuples(st.just("write"), NAMES, ENTRIES),
        st.tuples(st.just("rename"), NAMES, NAMES),
        st.tuples(st.just("delete"), NAMES, st.none()),
        st.tuples(st.just("spoil"), NAMES, st.none()),
        st.tuples(st.just("build"), st.none(), st.none()),
    ),
    min_size=3,
    max_size=9,
)


def do(case: Case, step: tuple[str, Any, Any]) -> None:
    """Take one step in the life of a folder of notes."""
    kind, name, more = step
    if kind == "write":
        case.write(name, "\n\n".join(more) + "\n")
    elif kind == "spoil":
        case.write(name, b"caf\xe9\n")
    elif kind == "build":
        case.build()
    elif (case.notes / name).exists():
        if kind == "delete":
            (case.notes / name).unlink()
        else:
            (case.notes / more).parent.mkdir(parents=True, exist_ok=True)
            (case.notes / name).replace(case.notes / more)


@settings(max_examples=20)
@given(STEPS)
def test_a_grown_index_equals_a_fresh_one(steps: list[tuple[str, Any, Any]]) -> None:
    """After any edits, renames and deletions the index holds and answers what a fresh one would."""
    with TemporaryDirectory() as folder:
        case = Case(Path(folder))
        case.write("stays.md", TOOLS)
        case.build()
        for step in steps:
            do(case, step)
        case.build()
        fresh = case.folder / "fresh"
        case.build(index=fresh)
        assert contents(case.index) == contents(fresh)
        assert case.answers(QUESTIONS) == case.answers(QUESTIONS, fresh)


def test_a_heading_of_two_notes_is_read_with_their_names(case: Case) -> None:
    """A copy has the notes read anew by name; once it is gone, what was there before is known."""
    case.write("copy.md", PYTORCH)
    assert embedded(case) == 3
    (case.notes / "copy.md").unlink()
    assert embedded(case) == 0
    fresh = case.folder / "fresh"
    case.build(index=fresh)
    assert contents(case.index) == contents(fresh)


def test_equal_passages_follow_the_order_of_the_notes(tmp_path: Path) -> None:
    """Of passages that are as good the first note's comes first, whenever it was indexed."""
    case = Case(tmp_path)
    for letter in "cadb":
        # Not quite the same, else they were one result.
        text = f"<!-- {letter} -->\n\nalpha beta gamma"
        case.write(f"{letter}.md", f"---\ntitle: Same\n---\n## One\n\n{text}\n")
        case.build()
    found = case.ask("alpha beta gamma")
    assert found == [f"{name}.md: One" for name in "abcd"]


# What cannot be read


@pytest.mark.parametrize("full", [False, True])
def test_notes_out_of_reach_stay(case: Case, monkeypatch: pytest.MonkeyPatch, full: bool) -> None:
    """A folder that cannot be listed for now keeps its notes in the index, and says so."""
    before = contents(case.index)
    scan = os.scandir

    def refuse(path: str | Path) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        if str(path).rstrip("/").endswith("/sub"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = case.build(full=full)
    assert (report.read, report.removed, report.manifest.notes) == (int(full), 0, 2)
    assert report.manifest.skipped == (Skipped("sub/", "cannot be listed: permission denied"),)
    assert case.ask("list files of a folder")[0] == "sub/tools.md: List files"
    with Snapshot(case.index) as snapshot:
        assert freshness.since_build(snapshot, snapshot.manifest.sources).count == 0
    monkeypatch.setattr(os, "scandir", scan)
    assert case.build().manifest.skipped == ()
    assert contents(case.index) == before


@pytest.mark.parametrize("full", [False, True])
def test_a_note_out_of_reach_stays(case: Case, monkeypatch: pytest.MonkeyPatch, full: bool) -> None:
    """A changed note that cannot be opened for now answers with what was read before."""
    case.touch("sub/tools.md")
    read = disk.read_bytes

    def refuse(path: Path, limit: int) -> tuple[bytes, os.stat_result]:
        if path.name == "tools.md":
            raise PermissionError(13, "Permission denied")
        return read(path, limit)

    monkeypatch.setattr(notes, "read_bytes", refuse)
    manifest = case.build(full=full).manifest
    assert manifest.notes == 2
    assert [item.path for item in manifest.skipped] == ["sub/tools.md"]
    assert case.ask("list files of a folder")[0] == "sub/tools.md: List files"
    with Snapshot(case.index) as snapshot:
        assert freshness.since_build(snapshot, snapshot.manifest.sources).count == 0


def test_notes_out_of_reach_are_embedded_by_another_model(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another model a note that cannot be read is embedded anew from what the index holds."""
    write_model(case.model, replace(CARD, name="other", fingerprint="other"))
    case.encoder = PassageEncoder(replace(CARD, name="other", fingerprint="other"))
    chunks = as_stored(case.index)["chunks"]
    read = notes.read
    hidden = Skipped("sub/tools.md", "cannot be read: permission denied")
    monkeypatch.setattr(notes, "read", lambda f, _: hidden if f.path == hidden.path else read(f))
    assert embedded(case) == chunks
    assert case.ask("list files of a folder")[0] == "sub/tools.md: List files"


def test_a_spoiled_note_leaves_and_a_repaired_one_returns(case: Case) -> None:
    """A note that is text no more leaves the index; once repaired, it counts as newer."""
    case.write("sub/tools.md", b"\xff\xfe\xff")
    report = case.build()
    assert (report.removed, report.manifest.notes) == (1, 1)
    with Snapshot(case.index) as snapshot:
        assert freshness.since_build(snapshot, snapshot.manifest.sources).count == 0
    case.write("sub/tools.md", TOOLS)
    with Snapshot(case.index) as snapshot:
        assert [
            file.path for file in freshness.since_build(snapshot, snapshot.manifest.sources).newer
        ] == ["sub/tools.md"]
    assert embedded(case) == 0
    assert as_stored(case.index)["skipped"] == []


@pytest.mark.parametrize("full", [False, True])
def test_no_notes_is_an_error_and_loses_nothing(case: Case, full: bool) -> None:
    """When every note is gone, the build fails and the index still answers."""
    before = contents(case.index)
    for path in ("pytorch.md", "sub/tools.md"):
        (case.notes / path).unlink()
    with pytest.raises(NotesUnreadableError, match="no Markdown notes"):
        case.build(full=full)
    case.write("pytorch.md", b"\0")
    with pytest.raises(NotesUnreadableError, match="NUL bytes"):
        case.build(full=full)
    case.notes.rename(case.folder / "elsewhere")
    with pytest.raises(NotesUnreadableError, match="there is no"):
        case.build(full=full)
    assert contents(case.index) == before


def test_a_damaged_card_is_an_error(case: Case) -> None:
    """An exported model whose card cannot be read is told by its folder."""
    for content in ("", "[]", "{}", "\xff"):
        (case.model / "card.json").write_text(content, "latin-1")
        with pytest.raises(ModelUnavailableError, match="cannot be opened"):
            case.build()


# Edits that nothing tells but the bytes


def test_an_edit_within_the_clocks_tick_is_seen(tmp_path: Path) -> None:
    """A note rewritten at the same size and time just after it was read is read once more."""
    case = Case(tmp_path)
    file = case.notes / "a.md"
    file.write_text("# A\n\none\n")
    now = time.time_ns() + 3_600_000_000_000  # as if its clock had not moved on since the reading
    os.utime(file, ns=(now, now))
    case.build()
    with Snapshot(case.index) as snapshot:
        assert freshness.since_build(snapshot, snapshot.manifest.sources).count == 0
    file.write_text("# A\n\ntwo\n")
    os.utime(file, ns=(now, now))
    with Snapshot(case.index) as snapshot:
        assert freshness.since_build(snapshot, snapshot.manifest.sources).count == 1
    assert embedded(case) == 1
    assert embedded(case) == 0
    os.utime(file, (0, 1))
    assert embedded(case) == 0
    with Snapshot(case.index) as snapshot:
        (kept,) = snapshot.digests()
        assert replace(kept, state=0) == NoteFile(case.notes, "a.md", 9, 1_000_000_000)


@pytest.mark.parametrize("way", ["another file", "the same file", "a right to read"])
def test_the_same_size_and_time_hide_no_edit(tmp_path: Path, way: str) -> None:
    """Another file put in the place of a note, or its time set back, is seen as git sees it."""
    case = Case(tmp_path)
    file = case.notes / "a.md"
    case.write("b.md", "# B\n\nbee\n")
    file.write_bytes(b"\xff\xfe\xff" if way == "a right to read" else b"# A\n\none\n")
    os.utime(file, (1_000_000_000, 1_000_000_000))
    case.build()
    with Snapshot(case.index) as snapshot:
        assert freshness.since_build(snapshot, snapshot.manifest.sources).count == 0
    if way == "another file":
        (case.notes / "new").write_text("# A\n\ntwo\n")
        os.utime(case.notes / "new", (1_000_000_000, 1_000_000_000))
        (case.notes / "new").replace(file)
    else:
        time.sleep(0.02)  # the clock of the file system moves on
        if way == "the same file":
            file.write_text("# A\n\ntwo\n")
        file.chmod(0o600)
        os.utime(file, (1_000_000_000, 1_000_000_000))
    with Snapshot(case.index) as snapshot:
        changes = freshness.since_build(snapshot, snapshot.manifest.sources)
    assert [found.path for found in changes.newer] == ["a.md"]
    assert embedded(case) == (way != "a right to read")


def test_notes_of_another_mount_are_looked_at_by_a_build(tmp_path: Path) -> None:
    """Many notes with new inodes are no edits to a question; a build reads them, and knows them."""
    case = Case(tmp_path)
    for number in range(freshness.MOST_REPLACED + 1):
        case.write(f"{number}.md", f"# A\n\none {number}\n")
    case.build()
    stamps = {file: file.stat().st_mtime_ns for file in case.notes.iterdir()}
    time.sleep(0.02)  # the clock of the file system moves on
    (case.notes / "0.md").write_text("# A\n\ntwo 0\n")
    for file, modified_ns in stamps.items():
        file.chmod(0o600)
        os.utime(file, ns=(0, modified_ns))
    with Snapshot(case.index) as snapshot:
        changes = freshness.since_build(snapshot, snapshot.manifest.sources)
    assert (changes.count, len(changes.unsure)) == (0, freshness.MOST_REPLACED + 1)
    assert embedded(case) == 1
    with Snapshot(case.index) as snapshot:
        assert freshness.since_build(snapshot, snapshot.manifest.sources).unsure == ()


def test_another_order_of_dates_reads_all_notes_again(case: Case) -> None:
    """What the setting says of dates holds for notes that have not changed, too."""
    case.write("c.md", "---\ndate: 03/04/2024\n---\n# C\n\nsee\n")

    def dates(order: str) -> list[tuple[str, str]]:
        case.set(date_order=order)
        case.build()
        with Snapshot(case.index) as snapshot:
            return [(n.date, n.date_from) for n in snapshot.notes() if n.path == "c.md"]

    assert dates("")[0][1] == "file"
    assert dates("day-month") == [("2024-04-03", "front matter")]
    assert dates("month-day") == [("2024-03-04", "front matter")]


@pytest.mark.parametrize(
    ("modified_ns", "read_ns", "settled"),
    [
        (5_000_000_001, 5_050_000_000, False),
        (5_000_000_001, 5_050_000_001, True),
        (5_000_000_000, 6_999_999_999, False),
        (5_000_000_000, 7_000_000_000, True),
        (9_000_000_001, 5_000_000_000, False),
        (0, 5_000_000_000, True),
    ],
)
def test_notes_read_within_a_tick_are_marked(modified_ns: int, read_ns: int, settled: bool) -> None:
    """A tick is 50 ms, or two seconds where the file system counts seconds only."""
    file = NoteFile(Path("/n"), "a.md", 1, modified_ns)
    kept = freshness.as_read(file, read_ns)
    assert kept.modified_ns == (modified_ns if settled else -modified_ns)
