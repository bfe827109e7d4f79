"""What git ignores beside the ignore files below a notes folder: by those above it, and elsewhere.

Source: gitignore(5). In a repository count its ``.gitignore`` files from the top down to the notes,
then ``info/exclude`` of its git folder, then what the user has git ignore everywhere.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from assistant.disk import read_bytes, reason_of
from assistant.notes import git_config
from assistant.notes.ignore import Rules, rules_of_file
from assistant.records import Skipped

GIT = ".git"
"""The folder of a repository; a file that names it in a worktree and a submodule."""

_MOST_BYTES = 4096
_NAMED = re.compile(rb"gitdir: (.+?)\s*\Z", re.DOTALL)


class Outside:
    """Rules that hold in some notes folder and lie in none of the folders that its walk lists."""

    def __init__(self, root: Path) -> None:
        """Look for the repository around a notes folder.

        Args:
            root: Its real path.
        """
        self._root = root
        self.unread: list[Skipped] = []
        """Files whose rules do not apply."""
        self._is_inside = False
        top = next((folder for folder in (root, *root.parents) if _is_top(folder)), None)
        self.rules: tuple[Rules, ...] = ()
        """Of the repository that the notes folder lies in, innermost first."""
        if top:
            steps = root.relative_to(top).parts
            above = [top.joinpath(*steps[:count]) for count in range(len(steps))]
            found = (self._read(folder / ".gitignore", folder) for folder in reversed(above))
            self.rules = (*(rules for some in found for rules in some), *self._of_git(top))

    def of_repository(self, prefix: str) -> tuple[Rules, ...]:
        """Return the rules of the git folder of a repository below the notes folder.

        Args:
            prefix: Its path with a slash at its end, empty for the notes folder itself.
        """
        folder = self._root / prefix
        return self._of_git(folder) if prefix and _is_top(folder) else ()

    def _of_git(self, top: Path) -> tuple[Rules, ...]:
        """Return the rules of a git folder, and the user's own unless they hold already."""
        git = _git_folder(top)
        rules: tuple[Rules, ...] = ()
        if git and (git / "info").is_symlink():
            reason = "its rules do not apply: a link, which is not followed"
            self.unread.append(Skipped(self._shown(git / "info"), reason))
        elif git:
            rules = self._read(git / "info" / "exclude", top)
        own = None if self._is_inside else git_config.excludes_file()
        self._is_inside = True
        # The user's own may be links, as those who keep their settings in a repository have them.
        return (*rules, *(self._read(Path(os.path.realpath(own)), top) if own else ()))

    def _read(self, file: Path, folder: Path) -> tuple[Rules, ...]:
        """Return the rules of a file for what is below a folder; none where it is not there."""
        prefix = above = ""
        if folder.is_relative_to(self._root):
            prefix = _with_slash(folder.relative_to(self._root))
        else:
            above = _with_slash(self._root.relative_to(folder))
        shown = self._shown(file)
        try:
            return (rules_of_file(file, shown, prefix, above),)
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except (OSError, ValueError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else str(error)
            self.unread.append(Skipped(shown, f"its rules do not apply: {reason}"))
            return ()

    def _shown(self, file: Path) -> str:
        """Return how a file is called: from the notes folder, or in full where it is elsewhere."""
        path = Path(os.path.relpath(file, self._root))
        is_far = path.parts.count("..") == len(self._root.parents)
        return str(file) if is_far else path.as_posix()


def _with_slash(path: Path) -> str:
    return f"{path.as_posix()}/" if path.parts else ""


def _is_top(folder: Path) -> bool:
    """Return whether a folder is the top of a repository."""
    git = folder / GIT
    try:
        return (git / "HEAD").exists() if git.is_dir() else _NAMED.match(_head(git)) is not None
    except OSError:
        return False


def _git_folder(top: Path) -> Path | None:
    """Return the folder that holds a repository's ``info``, if it is surely its own.

    A file ``.git`` may name any folder. That of a worktree counts if it names the file in turn, and
    that of a submodule if it lies in the git folder of a repository around it.
    """
    git = top / GIT
    if git.is_symlink():
        return None
    if git.is_dir():
        return git
    try:
        named = _NAMED.match(_head(git))
        target = Path(os.path.realpath(top / os.fsdecode(named[1]))) if named else None
        if target is None:
            return None
        if any(target.is_relative_to(folder / GIT / "modules") for folder in top.parents):
            return target
        back = os.fsdecode(_head(target / "gitdir").strip())
        is_own = target.parent.name == "worktrees" and (target / back).resolve() == git
        return target.parent.parent if is_own else None
    except (OSError, ValueError):
        return None


def _head(file: Path) -> bytes:
    """Return the content of a file of a path; raises OSError."""
    return read_bytes(file, _MOST_BYTES)[0]
