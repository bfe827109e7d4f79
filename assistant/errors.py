"""User-facing errors, each with its cause and its remedy.

    AssistantError                 exit code
    ├── UsageError                 2   what was asked for cannot be done: a question, a flag
    │   ├── ConfigError            2   settings, their files, an index folder, notes nobody named
    │   └── NotFoundError          2   no such note, line, tag, date, result or target
    │       └── NoteNotFoundError  2   no such note; it is a LookupError as well
    ├── IndexUnusableError         3   no index, a damaged one, or one this program cannot read
    │   ├── IndexMissingError      3   no build has ended in the folder
    │   ├── IndexDamagedError      3   a file of the index is damaged or missing; a build repairs it
    │   └── IndexBusyError         3   another process is building
    ├── ModelUnavailableError      4   the model is missing, damaged or needs a network
    ├── NotesUnreadableError       5   no notes, or none that can be read
    ├── TooLongError               5   notes that changed too much to be taken in by the way
    └── OutOfMemoryError          71   the system gives no more memory, or no thread

Programming errors stay ``ValueError`` and the like: they are bugs and keep their traceback.
"""

from __future__ import annotations

from typing import ClassVar


class AssistantError(Exception):
    """A failure that the user can fix.

    Attributes:
        cause: One line that says what is wrong, with the path concerned.
        remedy: One line that says what to do about it.
        exit_code: Exit status of the command line.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause, remedy)
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.cause}; {self.remedy}" if self.remedy else self.cause


class UsageError(AssistantError):
    """What was asked for cannot be done, such as an empty question, or two flags at odds."""

    exit_code = 2


class ConfigError(UsageError):
    """Settings cannot be used as they are, such as an unknown key in ``assistant.toml``.

    So are an index folder that holds other files, and notes that nobody has named.
    """


class NotFoundError(UsageError):
    """What was named is not there: a note, a line, a tag, a date, a result, a question's target."""


class NoteNotFoundError(NotFoundError, LookupError):
    """No note is called so."""


class IndexUnusableError(AssistantError):
    """The index is missing, damaged, or was written by another version."""

    exit_code = 3


class IndexMissingError(IndexUnusableError):
    """No build has ended in the folder, such as after the first one was killed."""


class IndexDamagedError(IndexUnusableError):
    """A file of the index is damaged or missing, such as after a disk fault; a build repairs it."""


class IndexBusyError(IndexUnusableError):
    """Another process holds the writer's lock."""


class ModelUnavailableError(AssistantError):
    """The model cannot be loaded, such as a name that is not cached while offline."""

    exit_code = 4


class NotesUnreadableError(AssistantError):
    """No note can be read, such as a folder that does not exist."""

    exit_code = 5


class TooLongError(AssistantError):
    """What changed in the notes takes longer to take in than a question may wait."""

    exit_code = 5


class OutOfMemoryError(AssistantError):
    """The system gives no more memory; where it is the model that has no room, see above."""

    exit_code = 71  # EX_OSERR of `sysexits.h`
