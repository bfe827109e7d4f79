"""The files of an index folder: their names, who may read them, the lock that a build holds."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from assistant.errors import ConfigError, IndexBusyError, IndexUnusableError

DATABASE = "index.sqlite3"

NEW = f"{DATABASE}.new"
"""A database that is to take the place of one that cannot be used, until it stands complete."""

ASIDE = f"{DATABASE}.damaged"
"""Where such a one lies that was damaged itself, until its vectors are taken over."""

LOCK = "writer.lock"

ASKED = "asked-in-other-languages"
"""An empty file: somebody asked in a language in which the notes are not read."""

MULTILINGUAL = "multilingual-{}.faiss"
"""Name of a file of vectors of other languages, by a number that is free."""

READING_LOCK = "reading.lock"
"""Held by the one process that reads on in the background, for as long as it lives."""

IGNORE_ALL = b"# An index is made again from the notes at any time.\n*\n"
"""What git is told of a folder that a build made, such as one in a vault that is kept by git."""

_VECTORS = re.compile(r"dense-\d+\.faiss")
_OTHER_VECTORS = re.compile(r"multilingual-\d+\.faiss")
_OURS = re.compile(
    rf"{re.escape(DATABASE)}(\.new|\.damaged)?(-wal|-shm|-journal)?|{_VECTORS.pattern}"
    rf"|{_OTHER_VECTORS.pattern}|{ASKED}|{re.escape(LOCK)}|{re.escape(READING_LOCK)}|eval-.+\.json(\.\d+)?"
)
_GUESTS = re.compile(
    # What says what the folder is, and what systems leave wherever someone has looked.
    r"README(\.md|\.txt)?|\.gitignore|\.gitkeep|CACHEDIR\.TAG"
    r"|\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.directory|\.nfs.*"
)
_DIGITS = 15
"""Of a generation at most; a longer number is none of ours, and none that SQLite could keep."""
_OPENED = (
    *(name + end for name in (DATABASE, NEW, ASIDE) for end in ("", "-wal", "-shm", "-journal")),
    LOCK,
    READING_LOCK,
)
"""What is opened by its name, so that a link of that name would lead elsewhere."""

_OF_ITS_OWN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_OF_ITS_OWN |= getattr(os, "O_BINARY", 0)
"""Flags with which no link is followed, and a pipe is not waited for."""

_TOLD = 3
"""Names that a message tells at most."""


def prepare(folder: Path) -> None:
    """Make an index folder if there is none, and keep it and its files to their owner.

    They hold what the notes hold. Looser permissions, as earlier versions left them, are tightened.

    Raises:
        ConfigError: The folder contains files that do not belong to an index; it is left as it is.
        IndexUnusableError: A name of an index is that of a link there; it is left as it is.
        OSError: It cannot be made or read.
    """
    if folder.is_dir():
        _refuse_others(folder)
        refuse_links(folder)
    else:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(OSError), create(folder / ".gitignore") as ignored:
            ignored.write(IGNORE_ALL)
    _keep_private(folder, 0o700)
    for path in own(folder):
        _keep_private(path, 0o600)


@contextmanager
def locked(folder: Path, *, wait: bool = False, name: str = LOCK) -> Iterator[None]:
    """Hold the lock of an index folder, which is made if it is not there: one process writes.

    The operating system lets go of it when the process ends, however it ends.

    Args:
        folder: The index folder.
        wait: Wait for whoever holds it, however long that takes.
        name: Of the lock; the writers' unless given.

    Raises:
        ConfigError: The folder contains files that do not belong to an index.
        IndexBusyError: Another process holds it, and it is not waited for.
        IndexUnusableError: The folder cannot be made or written to.
    """
    import filelock  # not needed to ask, and slow to import

    try:
        prepare(folder)
        lock = filelock.FileLock(folder / name, timeout=-1 if wait else 0, mode=0o600)
        lock.acquire()
    except filelock.Timeout as error:
        raise IndexBusyError(
            f"another process is building the index in {folder}",
            "wait until it finishes, or add --wait; the last index answers meanwhile",
        ) from error
    # Some network drives have no locks, which filelock tells by NotImplementedError.
    except (OSError, NotImplementedError) as error:
        raise unwritable(folder, getattr(error, "strerror", None) or str(error)) from error
    try:
        yield
    finally:
        lock.release()


def unwritable(folder: Path, reason: str) -> IndexUnusableError:
    """Return the error for a folder that takes no more files."""
    return IndexUnusableError(
        f"the index in {folder} cannot be written: {reason}",
        "free some disk space, fix the folder's permissions, or name another folder with --index",
    )


def is_vectors(name: str) -> bool:
    """Return whether a name is one that a build gives a file of vectors."""
    return _VECTORS.fullmatch(name) is not None


def is_multilingual(name: str) -> bool:
    """Return whether a name is one that a build gives a file of vectors of other languages."""
    return _OTHER_VECTORS.fullmatch(name) is not None


def remove_multilingual(folder: Path, keep: Collection[str]) -> None:
    """Delete files of vectors of other languages that no reader asks for any more."""
    for path in folder.glob(MULTILINGUAL.format("*")):
        if _is_stray(path, keep):
            with suppress(OSError):  # open on a system that forbids it: the next build tries again
                path.unlink()


def own(folder: Path) -> list[Path]:
    """Return the files of an index in its folder."""
    return [path for path in folder.iterdir() if _OURS.fullmatch(path.name) and _is_regular(path)]


def refuse_links(folder: Path) -> None:
    """Look whether what is opened in an index folder lies there, before it is opened.

    Whoever made the folder could have a build write over another file by a link, or wait for ever
    by a pipe. A second name of a file is as good as a link.

    Raises:
        IndexUnusableError: A file of the index is a link, has another name, or is no file.
    """
    for name in _OPENED:
        path = folder / name
        try:
            info = path.lstat()
        except OSError:
            continue  # it is not there, or whoever opens it is told why
        if not is_own_file(info):
            raise IndexUnusableError(
                f"{path} is {_kind(path)}, which does not belong in an index",
                "check what it is for, then delete it and run `assistant build`",
            )


def is_own_file(info: os.stat_result) -> bool:
    """Return whether something is a regular file with one name."""
    return stat.S_ISREG(info.st_mode) and info.st_nlink <= 1  # 0 once it is deleted


def _is_regular(path: Path) -> bool:
    """Return whether a path is a file, and no link; one that a build just took away is none."""
    try:
        return is_own_file(path.lstat())
    except FileNotFoundError:
        return False


def _kind(path: Path) -> str:
    """Return what is in the place of a file, in words."""
    if path.is_symlink():
        return f"a link to {os.readlink(path)}"  # noqa: PTH115 # as it was written
    return "another name of a file elsewhere" if path.is_file() else "not a regular file"


def create(path: Path) -> BinaryIO:
    """Open a file to write it anew; nobody but its owner may read it, whatever the umask.

    Raises:
        OSError: It cannot be made, or a link, a pipe or the like has its name.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | _OF_ITS_OWN, 0o600)
    try:
        if not is_own_file(os.fstat(descriptor)):
            raise OSError(errno.EEXIST, "another file has its name")
        os.ftruncate(descriptor, 0)
        if os.name == "posix":  # elsewhere it inherits the rights of the user's folder
            os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "wb")


def sync_folder(folder: Path) -> None:
    """See to it that the names of new files in a folder are on the disk."""
    if os.name != "posix":
        return  # a folder cannot be opened there, and its names are written with the files
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unfinished(folder: Path, *vectors: str) -> list[str]:
    """Return the names of the files that a build left that was stopped.

    Args:
        folder: The index folder.
        vectors: Names of the files of vectors in use.
    """
    databases = [name for name in (NEW, ASIDE) if (folder / name).exists()]
    return [path.name for path in stray_vectors(folder, vectors)] + databases


def remove_database(folder: Path, name: str) -> None:
    """Delete a database, its log first: a log that is left is taken for that of the next.

    Raises:
        OSError: It cannot be deleted.
    """
    remove_log(folder, name)
    (folder / name).unlink(missing_ok=True)


def remove_log(folder: Path, name: str) -> None:
    """Delete what SQLite writes beside a database; raises OSError."""
    for end in ("-wal", "-shm", "-journal"):
        (folder / f"{name}{end}").unlink(missing_ok=True)


def remove_strays(folder: Path, keep: Collection[str]) -> None:
    """Delete files of vectors that no reader asks for any more."""
    for path in stray_vectors(folder, keep):
        # It may be open on a system that forbids it: the next build tries again.
        with suppress(OSError):
            path.unlink()


def stray_vectors(folder: Path, keep: Collection[str]) -> list[Path]:
    """Return the files of vectors in a folder, in order of name, without those to keep."""
    return sorted(path for path in folder.glob("dense-*.faiss") if _is_stray(path, keep))


def last_generation(folder: Path) -> int:
    """Return the highest generation that a file of vectors in a folder tells of; 0 for none."""
    numbers = (path.stem.partition("-")[2] for path in stray_vectors(folder, ()))
    return max((int(number) for number in numbers if len(number) <= _DIGITS), default=0)


def _is_stray(path: Path, keep: Collection[str]) -> bool:
    # A link is deleted itself, and what it leads to stays.
    is_file = path.is_file() or path.is_symlink()
    return path.name not in keep and bool(_OURS.fullmatch(path.name)) and is_file


def _refuse_others(folder: Path) -> None:
    names = (path.name for path in folder.iterdir())
    others = sorted(
        name for name in names if not (_OURS.fullmatch(name) or _GUESTS.fullmatch(name))
    )
    if others:
        more = f" and {len(others) - _TOLD} more" if len(others) > _TOLD else ""
        raise ConfigError(
            f"the folder {folder} contains files that do not belong to an index:"
            f" {', '.join(others[:_TOLD])}{more}",
            "name a new or an empty folder with --index, or move these files elsewhere",
        )


def _keep_private(path: Path, mode: int) -> None:
    """Take all rights from others, where the system knows of them and the file is ours."""
    if os.name != "posix":
        return
    # A folder that its owner shares with us; a file that another build just took away.
    with suppress(PermissionError, FileNotFoundError):
        if stat.S_IMODE(path.stat().st_mode) != mode:
            path.chmod(mode)
