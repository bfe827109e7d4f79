"""An index on a server: the same as one in a folder, whole at every moment, shared by many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count as count_up
from pathlib import Path

import pytest
from indexes import PYTORCH, TOOLS, Case, contents
from milvus_server import MilvusServer

from assistant.engine_address import EngineAddress
from assistant.errors import (
    ConfigError,
    IndexBusyError,
    IndexMissingError,
    IndexUnusableError,
    UsageError,
)
from assistant.indexing import freshness
from assistant.records import Source
from assistant.store import Index, copy, index_at
from assistant.store.milvus import rows
from assistant.store.milvus.index import MilvusIndex
from assistant.store.milvus.server import Server
from assistant.store.milvus.writing import lock
from assistant.store.milvus.writing.update import MilvusUpdate

pytestmark = pytest.mark.usefixtures("without_calibration")

_numbers = count_up()

QUESTIONS = ("free gpu memory", "list files", "save a model", "查看进程")


@pytest.fixture
def address(milvus: MilvusServer) -> EngineAddress:
    """A space of its own of an index that the tests here share."""
    return milvus.address("shared", f"space{next(_numbers)}")


def copied(address: EngineAddress, folder: Path) -> Path:
    """Copy a space to a folder."""
    copy(address, folder)
    return folder


def same(case: Case, address: EngineAddress, at: str) -> bool:
    """Return whether a space holds what a folder does that is built afresh, and nothing else."""
    with index_at(address).snapshot() as snapshot:
        assert not [*index_at(address).faults(snapshot)]
    fresh = case.folder / f"fresh{at}"
    case.build(index=fresh)
    return contents(copied(address, case.folder / f"copy{at}")) == contents(fresh)


def edits(case: Case) -> Iterator[None]:
    """Make one change of the notes after the other."""
    yield
    case.edit("pytorch.md", "Sum the numbers", "Add up the numbers")
    yield
    case.write("new.md", "# Sauce\n\nTomatoes.\n\n## List files\n\nAnother entry.\n")
    yield
    (case.notes / "sub/tools.md").unlink()
    yield
    case.write("pytorch.md", "# PyTorch\n\nA line before.\n" + PYTORCH.removeprefix("# PyTorch\n"))
    yield
    case.write("sub/tools.md", TOOLS)
    case.touch("new.md")
    yield


def test_any_edits_lead_to_what_a_folder_built_afresh_holds(
    two_notes: Case, address: EngineAddress
) -> None:
    """Entries, chunks, words, vectors and token states, after each of several edits."""
    for number, _ in enumerate(edits(two_notes)):
        two_notes.build(index=address)
        assert same(two_notes, address, str(number))


def test_questions_are_answered_as_from_a_folder(two_notes: Case, address: EngineAddress) -> None:
    """By the same passages, in the same order."""
    two_notes.build()
    two_notes.build(index=address)
    assert two_notes.answers(QUESTIONS, address) == two_notes.answers(QUESTIONS)


def test_no_text_is_embedded_twice(two_notes: Case, address: EngineAddress) -> None:
    """Neither by a build of everything, nor in another space, nor when a note comes back."""
    two_notes.write("own.md", "# Own\n\nText that no other test has.\n")
    two_notes.build(index=address)
    first = len(two_notes.encoder.encoded)
    two_notes.build(index=address, full=True)
    two_notes.build(index=address.of_space(f"{address.space}-other"))
    (two_notes.notes / "sub/tools.md").unlink()
    two_notes.build(index=address)
    two_notes.write("sub/tools.md", TOOLS)
    two_notes.build(index=address)
    assert first > 0
    assert len(two_notes.encoder.encoded) == first


def test_a_note_that_was_touched_is_known_as_it_is(two_notes: Case, address: EngineAddress) -> None:
    """No text changed, so there is no new generation; the next question need not look again."""
    two_notes.write("many.md", "".join(f"## Heading {at}\n\nText.\n\n" for at in range(250)))
    two_notes.build(index=address)
    with index_at(address).snapshot() as before:
        count = len(before.entries())
        two_notes.touch("pytorch.md")
        two_notes.touch("many.md")
        before.forget()  # type: ignore[attr-defined] # of a server: nothing is held in memory
        assert two_notes.build(index=address).read == 0
        assert not freshness.since_build(before, [Source(two_notes.notes)]).gone
        assert len(before.entries()) == count > 250
    with index_at(address).snapshot() as after:
        assert after.manifest.generation == before.manifest.generation
        assert not freshness.since_build(after, [Source(two_notes.notes)]).count
        assert set(after.languages().values()) == {"en"}


def test_a_note_says_in_which_language_it_is(two_notes: Case, address: EngineAddress) -> None:
    """So that a question can be narrowed to it."""
    two_notes.write(
        "deutsch.md", "# Kuchen\n\nDen Kuchen backt man eine Stunde, und dann isst man."
    )
    two_notes.build(index=address)
    with index_at(address).snapshot() as snapshot:
        found = {note.path: snapshot.languages()[note.row] for note in snapshot.notes()}
        assert found["deutsch.md"] == "de"
        assert snapshot.manifest.multilingual is not None
        assert ("de", 1) in snapshot.manifest.multilingual.languages


def test_who_reads_stays_at_a_generation(two_notes: Case, address: EngineAddress) -> None:
    """What a later build took away is still there, and what it brought is not."""
    two_notes.build(index=address)
    with index_at(address).snapshot() as before:
        heads = before.entries()
        two_notes.edit("pytorch.md", "cached memory", "memory that is cached")
        (two_notes.notes / "sub/tools.md").unlink()
        two_notes.build(index=address)
        assert [note.path for note in before.notes()] == ["pytorch.md", "sub/tools.md"]
        assert before.entries() == heads
        assert "cached memory" in before.entry(heads[1].row).entry.text
        assert before.engine.search_terms(["ls"], 5)
        assert not before.resume()
    with index_at(address).snapshot() as after:
        assert [note.path for note in after.notes()] == ["pytorch.md"]
        assert not after.engine.search_terms(["ls"], 5)


class KilledError(Exception):
    """Stands in for the end of a process."""


def upserts(monkeypatch: pytest.MonkeyPatch, last: int) -> list[str]:
    """Have the program end in front of some upsert; return the collections written before."""
    written: list[str] = []
    real = Server.upsert

    def upsert(server: Server, collection: str, some: list[dict[str, object]]) -> None:
        if len(written) >= last:
            raise KilledError
        if some:
            written.append(collection)
        real(server, collection, some)

    monkeypatch.setattr(Server, "upsert", upsert)
    return written


@contextmanager
def killed_after(last: int) -> Iterator[None]:
    """End a build after some upserts, without anything being tidied up."""
    with pytest.MonkeyPatch.context() as patch:
        upserts(patch, last)
        patch.setattr(lock.SpaceLock, "_release", lambda held: held._done.set())
        patch.setattr(lock, "BEAT_SECONDS", 3600.0)
        with suppress(KilledError):
            yield


def all_upserts(case: Case, address: EngineAddress) -> int:
    """Return how many upserts a build takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lock, "BEAT_SECONDS", 3600.0)
        written = upserts(patch, 10_000)
        case.build(index=address)
        return len(written)


def test_a_build_killed_at_any_write_leaves_the_old_index_and_the_next_one_is_whole(
    two_notes: Case, address: EngineAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was written before; what a killed build wrote for another text is gone."""
    monkeypatch.setattr(lock, "_is_dead", lambda host, process: True)
    other = address.of_space(f"{address.space}-counted")
    two_notes.build(index=address)
    two_notes.build(index=other)
    text = (two_notes.notes / "pytorch.md").read_text("utf-8")
    edited = text.replace("cached memory", "memory that is cached")
    two_notes.write("pytorch.md", edited)
    total = all_upserts(two_notes, other)
    for last in range(total):
        two_notes.write("pytorch.md", edited.replace("Sum", f"Sum {last}"))
        two_notes.write("other.md", f"# Other {last}\n")
        with killed_after(last):
            two_notes.build(index=address)
        with index_at(address).snapshot() as snapshot:
            assert not [*snapshot.faults()]  # type: ignore[attr-defined] # of a server
            entries = [snapshot.entry(head.row).entry.text for head in snapshot.entries()]
        (two_notes.notes / "other.md").unlink()
        if last < total - 1:
            assert f"Sum {last} " not in "".join(entries)
            assert f"Other {last}" not in "".join(entries)
    two_notes.build(index=address)
    assert same(two_notes, address, "")


def test_the_second_builder_of_a_space_is_told(
    two_notes: Case, address: EngineAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the builder of another space is not disturbed."""
    monkeypatch.setattr(lock, "DEAD_SECONDS", 600.0)  # it ends with the first sign
    two_notes.build(index=address)
    with MilvusIndex(address).locked():
        assert MilvusIndex(address).is_written
        with pytest.raises(IndexBusyError, match="another process is building"):
            two_notes.build(index=address)
        two_notes.build(index=address.of_space(f"{address.space}-free"))
    assert not MilvusIndex(address).is_written


def test_a_builder_that_lost_its_place_moves_no_manifest(
    two_notes: Case, address: EngineAddress
) -> None:
    """As one that slept for an hour, while another took it for gone."""
    two_notes.build(index=address)
    index = MilvusIndex(address)
    with index.locked(), index.update() as update:
        usurper = lock.SpaceLock(Server(address), address.space)
        usurper._beat()
        assert update.previous is not None
        changed = replace(update.previous, built="2020-01-01T00:00:00+00:00")
        with pytest.raises(IndexBusyError), update.transaction():
            update.put_manifest(changed)
    with index_at(address).snapshot() as snapshot:
        assert not snapshot.manifest.built.startswith("2020")


def test_many_ask_all_spaces_or_some(two_notes: Case, tmp_path: Path, milvus: MilvusServer) -> None:
    """Each space is of its own builder; an address without a space is of all."""
    whole = milvus.address("team")
    two_notes.build(index=whole.of_space("ann"))
    other = Case(tmp_path / "other")
    other.write("cake.md", "# Cake\n\nBake the cake for an hour.\n")
    other.build(index=whole.of_space("bob"))

    assert two_notes.ask("bake the cake", 1, whole) == ["cake.md: Cake"]
    assert two_notes.ask("free gpu memory", 1, whole)[0].startswith("pytorch.md")
    some = replace(whole, spaces=("ann",))
    assert not [one for one in two_notes.ask("bake the cake", 5, some) if "cake" in one]
    with index_at(whole).snapshot() as snapshot:
        assert snapshot.manifest.notes == 3
        assert not snapshot.stamps()  # nobody builds into all of them
    with pytest.raises(ConfigError, match="several spaces"):
        two_notes.build(index=replace(whole, spaces=("ann", "bob")))


def test_nobody_writes_over_what_another_user_built(
    two_notes: Case, address: EngineAddress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who means to says so."""
    two_notes.build(index=address)
    monkeypatch.setattr("assistant.store.provenance.data_folder", lambda: tmp_path / "other user")
    assert index_at(address).last_named().is_strange
    two_notes.write("new.md", "# New\n")
    with pytest.raises(IndexUnusableError, match="built by another user"):
        two_notes.build(index=address)
    two_notes.build(index=address, full=True)
    assert not index_at(address).last_named().is_strange


def test_a_copy_there_and_back_is_the_same(two_notes: Case, address: EngineAddress) -> None:
    """And whose notes it is of goes with it, so that the next build goes on from there."""
    two_notes.build()
    copy(two_notes.index, address)
    assert contents(copied(address, two_notes.folder / "back")) == contents(two_notes.index)
    before = len(two_notes.encoder.encoded)
    assert two_notes.build(index=address).read == 0
    assert len(two_notes.encoder.encoded) == before
    assert Index(two_notes.folder / "back").last_named().sources == (Source(two_notes.notes),)
    with pytest.raises(UsageError):
        copy(two_notes.index, two_notes.folder / "third")


def test_what_no_generation_needs_is_swept(
    two_notes: Case, address: EngineAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dead chunks, entries and words go, and with them what the model made of their texts."""
    monkeypatch.setattr("assistant.store.milvus.writing.sweeping.SWEPT_EVERY", 1)
    for number in range(5):
        two_notes.write("pytorch.md", f"# PyTorch\n\nNumber seven{number}.\n")
        two_notes.build(index=address)
    server = Server(address)
    space = rows.one_of("space", [address.space])
    chunks = [*server.query("shared", space, ["digest"])]
    with index_at(address).snapshot() as snapshot:
        assert len(chunks) == snapshot.manifest.chunks + rows.KEPT_GENERATIONS
    words = {row["key"] for row in server.query("shared_words", space, ["key"])}
    assert not words & {"seven0", "seven1"}
    assert "seven4" in words


def test_a_note_of_any_length_is_kept_whole(two_notes: Case, address: EngineAddress) -> None:
    """The server takes 65,535 bytes a field, and counts others where letters are Chinese."""
    long = "".join(f"行{number} 内容。\n" for number in range(6_000))
    many = "".join(f"## Heading {number}\n\nText.\n\n" for number in range(250))
    two_notes.write("long.md", f"# Long\n\n```\n{long}```\n")
    two_notes.write("many.md", many)
    two_notes.write("odd.md", '# Odd "quotes\\" \u2028 \x07\n\nA tab\there, \ufffd, 🎉.\n')
    two_notes.build(index=address)
    assert same(two_notes, address, "")


def test_an_address_without_an_index_says_so(milvus: MilvusServer) -> None:
    """With what to run."""
    with pytest.raises(IndexMissingError, match="no index at milvus://"):
        index_at(milvus.address("nothing")).snapshot()
    with pytest.raises(IndexMissingError):
        index_at(milvus.address("shared", "nobody")).snapshot()


def test_a_collection_of_another_program_is_left_alone(
    two_notes: Case, milvus: MilvusServer
) -> None:
    """Its name is not an index's."""
    address = milvus.address("theirs")
    server = Server(address)
    server.call("create_collection", "theirs_spaces", dimension=4)
    server.call("create_collection", "theirs", dimension=4)
    with pytest.raises(ConfigError, match="belongs to another program"):
        two_notes.build(index=address)


def test_an_update_is_of_one_space(milvus: MilvusServer) -> None:
    """Of several, nobody says which."""
    with pytest.raises(ConfigError):
        MilvusUpdate(
            milvus.address("team", "ann", "bob"), lock.SpaceLock(Server(milvus.address("x")), "x")
        )
