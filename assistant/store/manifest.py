"""The manifest of an index: what it was made of, by which model, and where its vectors are."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from assistant.errors import IndexDamagedError, IndexMissingError, IndexUnusableError
from assistant.records import Calibration, Skipped, Source
from assistant.store import files, provenance, schema
from assistant.store.connection import connect, damaged, missing, sqlite_errors
from assistant.store.tables import SCHEMA, sound

ENGINE = "local"
"""Name of the engine in the index folder, see ``local``; that of indexes that name none."""

_NUMBERS = ("generation", "dimensions", "notes", "entries", "chunks")
_TEXTS = ("model", "fingerprint", "text_form", "built", "dense", "dense_seal", "dense_before")


@dataclass(frozen=True, slots=True)
class Named:
    """The notes that the user named for an index."""

    sources: tuple[Source, ...] = ()
    is_strange: bool = False
    """Whether the index is of notes that somebody else named, or that nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the index is made of; one JSON row of the database."""

    generation: int
    """Counts the builds that changed something."""
    model: str
    """The model as configured."""
    fingerprint: str
    """Of the model, see ``model``."""
    dimensions: int
    text_form: str
    """How texts are cut and glossed before they are embedded."""
    sources: tuple[Source, ...]
    """Folders and files the notes come from, absolute."""
    built: str
    """When the last build ended, ISO 8601 in UTC."""
    dense: str = ""
    """Name of the file of vectors."""
    dense_seal: str = ""
    """What it ends with, see ``checksums.at_end``: no other file can stand in for it."""
    dense_before: str = ""
    """Name of the generation before's, kept for readers that have not opened it yet; or empty."""
    notes: int
    entries: int
    chunks: int
    late_interaction: bool
    """Whether token states are kept, see ``maxsim``."""
    skipped: tuple[Skipped, ...] = ()
    calibration: Calibration | None = field(default=None, repr=False)
    """Of the verdict; None until a build has made one."""
    mark: str = ""
    """That of the user who named the sources, see ``provenance``."""
    engine: str = ENGINE
    """What searches the chunks, see ``engine``: the calibration is of its scores."""

    def to_json(self) -> str:
        """Return the manifest as it is stored."""
        return json.dumps(asdict(self), default=str)  # a path is its text

    def named(self, folder: Path) -> Named:
        """Return which of the sources count as the user's: all, or none.

        Args:
            folder: Where the index lies.
        """
        return _named(folder, self.sources, self.mark)

    @classmethod
    def from_json(cls, content: str) -> Self:
        """Return a stored manifest; raises ValueError, TypeError or KeyError when it is not one."""
        fields = json.loads(content)
        _check(fields)
        fields["sources"] = tuple(map(_source, fields["sources"]))
        fields["skipped"] = tuple(Skipped(**item) for item in fields["skipped"])
        if fields.get("calibration"):
            fields["calibration"] = Calibration.from_fields(fields["calibration"])
        return cls(**fields)


def read_manifest(connection: sqlite3.Connection, folder: Path) -> Manifest:
    """Return the manifest of an open index.

    Raises:
        IndexMissingError: No build has ended here.
        IndexDamagedError: The index is damaged or of another version.
    """
    with sqlite_errors(folder):
        ((version,),) = connection.execute("PRAGMA user_version").fetchall()
        if version not in (0, SCHEMA):
            raise IndexDamagedError(
                f"the index in {folder} was written by another version of this program",
                "run `assistant build`, which rebuilds it",
            )
        rows = (
            connection.execute(f"SELECT content, {sound('manifest')} FROM manifest").fetchall()
            if version
            else []
        )
    if not rows:
        raise missing(folder)
    try:
        if not rows[0][1]:
            raise ValueError
        return Manifest.from_json(rows[0][0])
    except (ValueError, TypeError, KeyError) as error:
        raise damaged(folder, "its manifest cannot be read") from error


def _check(fields: dict[str, Any]) -> None:
    """Raise ValueError, TypeError or KeyError for fields that no build has written.

    The checksum of a manifest is no secret: whoever makes an index up can give it one.
    """
    for names, kind in ((_NUMBERS, int), (_TEXTS, str)):
        if not all(isinstance(fields[name], kind) for name in names):
            raise TypeError(f"one of {names} has the wrong type")
    if not isinstance(fields.get("mark", ""), str):
        raise TypeError("its mark has the wrong type")
    if fields.get("engine", ENGINE) != ENGINE:
        raise ValueError("it was built for another engine")
    if datetime.fromisoformat(fields["built"]).tzinfo is None:
        raise ValueError("its time has no time zone")
    vectors = (fields["dense"], fields["dense_before"] or fields["dense"])
    if not all(map(files.is_vectors, vectors)):
        raise ValueError("it names a file of vectors outside the index")


def _source(fields: str | dict[str, Any]) -> Source:
    """Return a source as it is stored; earlier versions stored its path alone."""
    if isinstance(fields, str):
        return Source(Path(fields))
    return Source.from_fields(fields)


def _named(folder: Path, sources: tuple[Source, ...], mark: str) -> Named:
    if provenance.is_marked(folder, sources, mark):
        return Named(sources)
    return Named(is_strange=True)


def last_named(folder: Path) -> Named:
    """Return the notes that the user named for an index, also for one of another version."""
    try:
        with closing(connect(folder)) as connection:
            if connection.execute("PRAGMA user_version").fetchall() == [(0,)]:
                return Named()  # no build has ended
            if not schema.is_plain(connection, "manifest"):
                return Named(is_strange=True)
            rows = connection.execute("SELECT content FROM manifest").fetchall()
        if not rows:
            return Named()
        fields = json.loads(rows[0][0])
        return _named(folder, tuple(map(_source, fields["sources"])), str(fields.get("mark", "")))
    except IndexMissingError:
        return Named()
    except (IndexUnusableError, sqlite3.Error, ValueError, TypeError, KeyError):
        return Named(is_strange=True)


def last_sources(folder: Path) -> tuple[Source, ...]:
    """Return the notes that the user named for an index; empty when in doubt."""
    return last_named(folder).sources
