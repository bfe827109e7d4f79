"""The manifest of an index: what it was made of, by which model, and where its vectors are."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from assistant.engine_address import IndexPlace
from assistant.errors import IndexDamagedError, IndexMissingError, IndexUnusableError
from assistant.records import Calibration, Skipped, Source
from assistant.store import files, provenance, schema
from assistant.store.connection import connect, damaged, missing, sqlite_errors
from assistant.store.tables import SCHEMA, sound

ENGINE = "local"
"""Name of the engine in the index folder, see ``local``; that of indexes that name none."""

MILVUS = "milvus"
"""Name of the engine on a server, see ``store.milvus``."""

_NUMBERS = ("generation", "dimensions", "notes", "entries", "chunks", "unread")
_TEXTS = ("model", "fingerprint", "text_form", "built", "dense", "dense_seal", "dense_before")


@dataclass(frozen=True, slots=True)
class Named:
    """The notes that the user named for an index."""

    sources: tuple[Source, ...] = ()
    is_strange: bool = False
    """Whether the index is of notes that somebody else named, or that nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Multilingual:
    """What an index holds for questions in other languages than English and Chinese."""

    generation: int
    """The last one whose notes were all looked at."""
    fingerprint: str = ""
    """Of the encoder of other languages; empty where there was none."""
    scope: str = "foreign"
    """Which notes it read: ``foreign`` for those in other languages, ``all``."""
    dimensions: int = 0
    file: str = ""
    """Name of the file of its vectors; empty for none."""
    seal: str = ""
    """What that ends with, see ``checksums.at_end``."""
    count: int = 0
    """Vectors in it."""
    before: str = ""
    """Name of the one before it, kept for readers that have not opened it yet; or empty."""
    languages: tuple[tuple[str, int], ...] = ()
    """How many notes are in each language, the most first."""
    calibrations: tuple[tuple[str, Calibration], ...] = ()
    """Of the verdict on questions in each language."""

    @property
    def foreign(self) -> tuple[tuple[str, int], ...]:
        """How many notes are in each language but English and Chinese, the most first."""
        return tuple(one for one in self.languages if one[0] not in ("en", "zh"))

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self:
        """Return it from its fields as JSON has them.

        Raises ValueError, TypeError or KeyError when it is not one.
        """
        if not all(isinstance(fields[name], int) for name in ("generation", "dimensions", "count")):
            raise TypeError("a number of the other languages has the wrong type")
        names = [fields[name] for name in ("file", "before") if fields[name]]
        if not all(map(files.is_multilingual, names)):
            raise ValueError("it names a file of vectors outside the index")
        calibrations = (
            (str(language), Calibration.from_fields(given))
            for language, given in fields["calibrations"]
        )
        return cls(
            **{
                **fields,
                "languages": tuple((str(name), int(count)) for name, count in fields["languages"]),
                "calibrations": tuple((name, made) for name, made in calibrations if made),
            }
        )


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
    """Of the verdict; None while less than half of the chunks is read by meaning."""
    by_words: Calibration | None = field(default=None, repr=False)
    """Of the verdict on what is not read by meaning; None where all is."""
    unread: int = 0
    """Chunks that are found by their words alone, until a build has embedded them."""
    mark: str = ""
    """That of the user who named the sources, see ``provenance``."""
    engine: str = ENGINE
    """What searches the chunks, see ``engine``: the calibration is of its scores."""
    multilingual: Multilingual | None = None
    """For questions in other languages; None until a build has looked which notes are in some."""

    @property
    def read(self) -> int:
        """How many chunks are read by meaning, so that they have vectors."""
        return self.chunks - self.unread

    @property
    def share_read(self) -> float:
        """Their share, in 0..1; of an index without chunks all is read."""
        return self.read / self.chunks if self.chunks else 1.0

    def to_json(self) -> str:
        """Return the manifest as it is stored."""
        return json.dumps(asdict(self), default=str)  # a path is its text

    def named(self, place: IndexPlace) -> Named:
        """Return which of the sources count as the user's: all, or none.

        Args:
            place: Where the index lies.
        """
        return _named(place, self.sources, self.mark)

    @classmethod
    def from_json(cls, content: str, engine: str = ENGINE) -> Self:
        """Return a stored manifest; raises ValueError, TypeError or KeyError when it is not one.

        Args:
            content: As ``to_json`` returns it.
            engine: The one that searches where it was found.
        """
        fields = json.loads(content)
        _check(fields, engine)
        fields["sources"] = tuple(map(_source, fields["sources"]))
        fields["skipped"] = tuple(Skipped(**item) for item in fields["skipped"])
        for name in ("calibration", "by_words"):
            if fields.get(name):
                fields[name] = Calibration.from_fields(fields[name])
        if fields.get("multilingual"):
            fields["multilingual"] = Multilingual.from_fields(fields["multilingual"])
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


def _check(fields: dict[str, Any], engine: str) -> None:
    """Raise ValueError, TypeError or KeyError for fields that no build has written.

    The checksum of a manifest is no secret: whoever makes an index up can give it one.
    """
    for names, kind in ((_NUMBERS, int), (_TEXTS, str)):
        if not all(isinstance(fields[name], kind) for name in names):
            raise TypeError(f"one of {names} has the wrong type")
    if not 0 <= fields["unread"] <= fields["chunks"]:
        raise ValueError("more is unread than there is")
    if not isinstance(fields.get("mark", ""), str):
        raise TypeError("its mark has the wrong type")
    if fields.get("engine", ENGINE) != engine:
        raise ValueError("it was built for another engine")
    if datetime.fromisoformat(fields["built"]).tzinfo is None:
        raise ValueError("its time has no time zone")
    vectors = (fields["dense"], fields["dense_before"] or fields["dense"])
    if engine == ENGINE and not all(map(files.is_vectors, vectors)):
        raise ValueError("it names a file of vectors outside the index")


def _source(fields: str | dict[str, Any]) -> Source:
    """Return a source as it is stored; earlier versions stored its path alone."""
    if isinstance(fields, str):
        return Source(Path(fields))
    return Source.from_fields(fields)


def _named(place: IndexPlace, sources: tuple[Source, ...], mark: str) -> Named:
    if provenance.is_marked(place, sources, mark):
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
