"""Whether all that a build and a question need is there and whole: the checks of `doctor`."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import embedding, left_out, notes
from assistant.embedding import (
    CARRIED,
    ModelCard,
    altered,
    carried,
    export,
    find,
    fingerprint_files,
    folder_name,
    need_converters,
)
from assistant.errors import (
    AssistantError,
    ConfigError,
    IndexUnusableError,
    ModelUnavailableError,
)
from assistant.language import cedict_file
from assistant.library import status
from assistant.library.sources import followed
from assistant.library.status import languages_line
from assistant.markdown import line_starts
from assistant.records import Note
from assistant.settings import Settings
from assistant.store import Finding, Snapshot, files, full_text_search, index_at
from assistant.text import counted
from assistant.user_folders import cache_folder

DISTRIBUTION = "notes-assistant"

EXIT_CODES = {
    "environment": ModelUnavailableError.exit_code,
    "model": ModelUnavailableError.exit_code,
    "offline": ModelUnavailableError.exit_code,
    "index": IndexUnusableError.exit_code,
    "notes": IndexUnusableError.exit_code,
}
"""What is looked at, in this order, and the exit code if something there is in the way."""


MOST_REMARKS = 20
"""On notes, that are listed one by one."""

_REMEDY_OF_NOTE = "it is read all the same; edit the note if it is read wrongly"


@dataclass(frozen=True, slots=True)
class Checkup:
    """All findings, each with what it is about: a key of ``EXIT_CODES``."""

    findings: tuple[tuple[str, Finding], ...]

    @property
    def exit_code(self) -> int:
        """That of the model before that of the index: without the model no build fixes it."""
        codes = [EXIT_CODES[area] for area, found in self.findings if found.level == "error"]
        return max(codes, default=0)

    def to_record(self) -> dict[str, Any]:
        """Return the findings as JSON shows them."""
        return {
            "exit_code": self.exit_code,
            "findings": [
                {"area": area, "level": found.level, "what": found.what, "remedy": found.remedy}
                for area, found in self.findings
            ],
        }


def examine(settings: Settings) -> Checkup:
    """Look at everything, read all of the index and the notes, and change nothing.

    Takes about as long as reading them, and opening the model.
    """
    areas = {
        "environment": environment(settings),
        "model": model(settings),
        "offline": offline(settings),
        "index": index(settings),
        "notes": sources(settings),
    }
    return Checkup(tuple((area, found) for area, findings in areas.items() for found in findings))


def well(what: str) -> Finding:
    """Return the finding that something is as it should be."""
    return Finding("ok", what, "")


def failed(error: AssistantError, what: str = "") -> Finding:
    """Return an error for users as a finding."""
    return Finding("error", what + error.cause, error.remedy)


def environment(settings: Settings) -> Iterator[Finding]:
    """Look at Python, the packages, SQLite and the folders that are written to."""
    yield well(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    yield from _packages()
    yield full_text_search()
    yield _device(settings)
    written = [(cache_folder(), "the cache")]
    if isinstance(settings.index, Path):
        written.insert(0, (settings.index, "the index"))
    for folder, what in written:
        place = next(path for path in (folder, *folder.parents) if path.exists())
        if os.access(place, os.W_OK | os.X_OK):
            yield well(f"{what} can be written to {folder}")
        else:
            yield Finding(
                "warning",
                f"{what} cannot be written to {folder}",
                f"fix the permissions of {place}",
            )


def _device(settings: Settings) -> Finding:
    """Say which processor a large build would use."""
    devices = embedding.speed.devices
    try:
        chosen = devices.of_build(settings.device, settings.model)
    except ConfigError as error:
        return failed(error)
    return well(f"builds of many notes run on {'the CPU' if chosen == devices.CPU else chosen}")


def _packages() -> Iterator[Finding]:
    try:
        required = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding("warning", "the program runs without being installed", "run `make setup`")
        return
    names = {re.split(r"[^\w.-]", line)[0] for line in required if "extra ==" not in line}
    optional = {name for part in left_out.PARTS for name in part.packages}
    missing = sorted(name for name in names - optional if not _is_installed(name))
    if missing:
        yield Finding(
            "error",
            f"packages are missing: {', '.join(missing)}",
            "install them, by `make setup` or as README.md says",
        )
    else:
        yield well(f"all {len(names - optional)} packages that it cannot do without are installed")
    for part in left_out.PARTS:
        if lacking := part.missing():
            yield well(
                f"slim: without {', '.join(lacking)} there is not {part.what}; {part.remedy()}"
            )


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def model(settings: Settings) -> Iterator[Finding]:
    """Look at the model's files, at what was exported of them, and whether it opens."""
    try:
        source = find(settings.model, fetch=False)
        if settings.model in CARRIED:
            carried.check_weights(source)
            yield well(f"{settings.model} has the checksum that it was published with")
        yield from _export(settings.model, source)
    except ModelUnavailableError as error:
        yield failed(error)
    left = export.leftovers()
    if left:
        yield Finding(
            "warning",
            f"left over from an interrupted export: {', '.join(map(str, left))}",
            "delete them; the next export also does, once they are an hour old",
        )
    try:
        cedict_file.source()
        yield well("the Chinese dictionary is installed")
    except ModelUnavailableError as error:
        yield failed(error)


def _export(name: str, source: Path) -> Iterator[Finding]:
    """Look at a model's export."""
    folder = export.ready(name, fetch=False)
    if folder is None:
        if name not in CARRIED:
            need_converters(name)
        yield well(f"{name} is not exported yet; the next build or question does it, in a moment")
        return
    if folder.name != folder_name(fingerprint_files(source, name)):
        yield Finding(
            "error",
            f"the exported model in {folder} was not exported from the files in {source}",
            f"delete {folder}; the next run makes it again",
        )
        return
    wrong = altered(folder)
    if wrong is None:
        yield Finding(
            "warning",
            f"the exported model in {folder} has no checksums; an earlier version wrote it",
            "delete that folder; the next run makes it again, with checksums",
        )
    elif wrong:
        yield Finding(
            "error",
            f"files of the exported model in {folder} do not match their checksums:"
            f" {', '.join(wrong)}",
            "delete that folder; the next run makes it again",
        )
        return
    else:
        yield well("the files of the exported model match their checksums")
    from assistant.embedding import OnnxEncoder  # imports ONNX Runtime

    card = OnnxEncoder(folder, few=True).card
    yield well(f"the model opens; its vectors have {card.dimensions} dimensions")


def offline(settings: Settings) -> Iterator[Finding]:
    """Say whether the next build and the next question need a network, and why."""
    try:
        find(settings.model, fetch=False)
    except ModelUnavailableError as error:
        known = settings.model in CARRIED or Path(settings.model).is_dir()
        if not known:
            yield Finding(
                "error",
                f"the next build and ask need a network: the model {settings.model!r} is neither a"
                " folder nor in the hub's cache",
                "run `assistant build` once with a network, or set `model` to all-MiniLM-L6-v2 or"
                " a folder",
            )
        else:
            yield failed(error, "the next build and ask fail, with a network or without: ")
        return
    if settings.model in CARRIED:
        why = "an installed package carries the model"
    elif Path(settings.model).expanduser().is_dir():
        why = "the model is a folder on this computer"
    else:
        why = "the model is in the hub's cache"
    yield well(f"the next build and ask need no network: {why}")


def index(settings: Settings) -> Iterator[Finding]:
    """Look whether the index is whole, private, of this model, and of the notes as they are."""
    found = index_at(settings.index).check()
    yield from found
    if any(finding.level == "error" for finding in found):
        return
    if isinstance(settings.index, Path):
        yield _privacy(settings.index)
    with index_at(settings.index).snapshot() as snapshot:
        yield _places(snapshot, _there(settings))
        yield _model_of(snapshot, settings.model)
        yield _languages(snapshot)
        yield from _remarks(snapshot)


def _remarks(snapshot: Snapshot) -> Iterator[Finding]:
    """Name the notes that could not be read as they are meant, with line and reason."""
    told = snapshot.remarks()
    for path, remark in told[:MOST_REMARKS]:
        yield Finding("warning", f"{path}{remark}", _REMEDY_OF_NOTE)
    if len(told) > MOST_REMARKS:
        more = counted(len(told) - MOST_REMARKS, "more remark")
        yield Finding("warning", f"{more} on notes", "see `assistant status`")


def _privacy(folder: Path) -> Finding:
    if os.name != "posix":
        return well("the index has the permissions of the user's folder")
    open_to_others = [
        path.name
        for path in (folder, *files.own(folder))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_to_others:
        return Finding(
            "warning",
            f"others on this computer may read {', '.join(open_to_others)}",
            "run `assistant build`, which takes their access away",
        )
    return well("nobody else may read the index")


def _there(settings: Settings) -> set[Path]:
    """Return the files of the notes that the index follows: no others are read."""
    try:
        return {file.absolute for file in notes.walk(followed(settings))[0]}
    except AssistantError:
        return set()  # reported below


def _places(snapshot: Snapshot, there: set[Path]) -> Finding:
    """Compare the entries of notes that have not changed with the files, line by line."""
    wrong = compared = 0
    for stored in snapshot.notes():
        if stored.file.absolute not in there:
            continue
        note = notes.read(stored.file)
        if not isinstance(note, Note) or note.digest != stored.digest:
            continue  # what changed is reported below
        compared += 1
        starts = line_starts(note.text)
        for entry in (snapshot.entry(head.row).entry for head in snapshot.entries([stored.row])):
            line, text = entry.first_line, entry.text
            # An entry of a very long line may begin within it.
            inside = 0 < line < len(starts)
            most = starts[line] + len(text) if inside else 0
            wrong += not inside or note.text.find(text, starts[line - 1], most) < 0
    if wrong:
        return Finding(
            "error",
            f"{wrong} entries are not where the index says in their notes",
            "run `assistant build --full`",
        )
    return well(f"all entries are where the index says, in the {compared:,} unchanged notes")


def _model_of(snapshot: Snapshot, name: str) -> Finding:
    try:
        folder = export.ready(name, fetch=False)
    except ModelUnavailableError:
        folder = None
    if folder is None:
        return well(f"the index was built with {snapshot.manifest.model}")
    fingerprint = ModelCard.read(folder / "card.json").fingerprint
    if fingerprint != snapshot.manifest.fingerprint:
        return Finding(
            "error",
            f"the index was built with another model, {snapshot.manifest.model}",
            "run `assistant build`, or set `model` back",
        )
    return well("the index was built with the configured model")


def _languages(snapshot: Snapshot) -> Finding:
    """Say whether the notes are in languages that are read."""
    told = snapshot.manifest.multilingual
    line = languages_line(snapshot.manifest)
    if told and told.foreign and not told.file and line:
        what, _, remedy = line.rpartition(": ")
        return Finding("warning", what, f"run `{remedy}`, then `assistant build`")
    return well(line or "the model reads the languages of the notes")


def sources(settings: Settings) -> Iterator[Finding]:
    """Look whether the notes can be read, and whether the index is as new as they are."""
    try:
        found, skipped = notes.walk(followed(settings))
        yield well(f"the notes can be read: {len(found):,} files, {len(skipped):,} skipped")
        changes = status.of(settings).changes
    except IndexUnusableError:
        return  # reported above
    except AssistantError as error:
        yield Finding("warning", error.cause, error.remedy)
        return
    if changes.unreadable:
        remedy = "put the notes back, or name another folder: assistant build NOTES"
        yield Finding("warning", changes.unreadable, remedy)
    elif changes.count:
        counts = {"newer than the index": changes.newer, "that are gone": changes.gone}
        what = "; ".join(f"notes {words}: {len(some)}" for words, some in counts.items() if some)
        yield Finding("warning", what, "run `assistant build`")
    else:
        yield well("the index is as new as the notes")
