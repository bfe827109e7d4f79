"""The settings there are: what each is for, what it takes, and what is wrong with other values."""

from __future__ import annotations

import os
import re
import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assistant import notes
from assistant.embedding import DEFAULT_MODEL, DEVICES
from assistant.engine_address import TOKEN, is_address
from assistant.notes import DATE_ORDERS, LEFT_OUT, OTHER_ENDINGS
from assistant.settings.toml_lines import KeyPath
from assistant.suggestion import nearest

COLORS = ("auto", "always", "never")

EDITOR_LINK = re.compile(r"(?!javascript:|data:)[a-z][a-z0-9+.-]*:.*\{path\}")
"""What the setting ``editor_link`` must look like."""

EDITORS = (
    *("vscode", "vscode-insiders", "vscodium", "codium", "code-oss", "cursor", "windsurf"),
    *("positron", "zed", "idea", "pycharm", "webstorm", "phpstorm", "clion", "goland", "rider"),
    *("rubymine", "rustrover", "studio", "obsidian", "txmt", "mvim", "macvim", "vim"),
    *("nvim", "neovide", "emacs", "emacsclient", "org-protocol", "subl", "sublime", "bbedit"),
    *("nova", "atom", "kate", "lapce", "helix", "textastic"),
)
"""Schemes of addresses that editors open."""

SAFE_LINK = re.compile(rf"(?:{'|'.join(EDITORS)})://(?:file|open|open-file)?(?=[/?{{]).*")
"""An address that opens a file in an editor, and asks for nothing else that editors can be asked by
an address, such as a clone of a repository."""

FOLDER_NAME = re.compile(r"\w[\w .-]*")
"""A name of a notes folder: it becomes the first step of a path, and may stand in a pattern."""

MOST_RESULTS = 100

LONGEST_SHOWN = 80
"""Characters of a wrong value that a message repeats."""

_SWITCH = {"true": True, "yes": True, "on": True, "1": True}
_SWITCH |= {"false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Option:
    """A setting."""

    name: str
    default: Any
    purpose: str
    takes: str
    """What a value must be, in words."""
    holds: Callable[[Any], bool]
    """Whether a value of TOML is one."""
    parse: Callable[[str], Any] = str
    """Makes a value of a variable's text; what it cannot read it returns as it is."""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"ASSISTANT_{self.name.upper()}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a settings file, and where."""

    path: KeyPath
    words: str
    """What is wrong, to be read behind the place."""
    remedy: str


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_patterns(value: object) -> bool:
    """Return whether a value is a list of patterns that can be read."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return False

    return notes.ignore.are_patterns(value)


def _list(text: str) -> list[str]:
    return [item for item in text.split(os.pathsep) if item]


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else text


_PATTERNS = 'a list of patterns as in .gitignore, such as ["drafts/", "*.tmp.md"]'

OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        Option(
            "notes",
            [],
            "folders and files of notes; a table gives them names",
            'a list of folders, such as ["content"]',
            _are_texts,
            _list,
        ),
        Option(
            "include",
            [],
            "patterns of the only notes to take; all unless given",
            _PATTERNS,
            _are_patterns,
            _list,
        ),
        Option("exclude", [], "patterns of notes to leave out", _PATTERNS, _are_patterns, _list),
        Option(
            "left_out",
            list(LEFT_OUT),
            "patterns of what lies beside notes; `!` in an ignore file takes it back in",
            _PATTERNS,
            _are_patterns,
            _list,
        ),
        Option(
            "endings",
            [],
            "endings of files to read beside .md and .markdown",
            f"a list of some of {', '.join(OTHER_ENDINGS)}",
            lambda value: _are_texts(value) and {*map(str.lower, value)} <= {*OTHER_ENDINGS},
            _list,
        ),
        Option(
            "date_order",
            "",
            "how 03/04/2024 is read; it says no date unless given",
            'one of "day-month" and "month-day"',
            lambda value: value in ("", *DATE_ORDERS),
        ),
        Option(
            "index",
            "index",
            "where the index is built: a folder, or a Milvus server",
            'a folder, such as "index", or an address, such as "milvus://127.0.0.1:19530/notes"',
            _is_text,
        ),
        Option(
            "model",
            DEFAULT_MODEL,
            "a sentence-transformers model, by name or folder",
            f'a name or folder, such as "{DEFAULT_MODEL}"',
            _is_text,
        ),
        Option(
            "late_interaction",
            True,
            "a third way of searching, and most of the index's size",
            "true or false",
            lambda value: isinstance(value, bool),
            lambda text: _SWITCH.get(text.strip().lower(), text),
        ),
        Option(
            "background",
            True,
            "whether a process of its own reads on after a question that could not wait",
            "true or false",
            lambda value: isinstance(value, bool),
            lambda text: _SWITCH.get(text.strip().lower(), text),
        ),
        Option(
            "multilingual",
            "auto",
            "a second encoder for other languages than English and Chinese",
            '"auto", where it is installed, for notes in such languages; true, for all; or false',
            lambda value: isinstance(value, bool) or value == "auto",
            lambda text: _SWITCH.get(text.strip().lower(), text),
        ),
        Option(
            "device",
            "auto",
            "the processor that embeds the notes of large builds",
            f"one of {', '.join(DEVICES)}",
            lambda value: value in DEVICES,
        ),
        Option(
            "results",
            3,
            "passages shown on a terminal",
            f"a whole number from 1 to {MOST_RESULTS}",
            lambda value: type(value) is int and 1 <= value <= MOST_RESULTS,
            _number,
        ),
        Option(
            "color",
            "auto",
            "colours: on a terminal, always or never",
            'one of "auto", "always" and "never"',
            lambda value: value in COLORS,
        ),
        Option(
            "editor",
            "",
            "the editor of `open` and `--open`; $VISUAL, else $EDITOR, else vi unless given",
            'a command, such as "code --wait" or "my-editor --at {line} {path}"',
            lambda value: isinstance(value, str),
        ),
        Option(
            "editor_link",
            "vscode://file{path}:{line}",
            "the address by which the page opens a note in an editor",
            'an address such as "vscode://file{path}:{line}"',
            lambda value: isinstance(value, str) and bool(EDITOR_LINK.match(value)),
        ),
    )
}
"""All settings by name, in the order in which they are shown."""

_OF_FOLDER: Mapping[str, Option] = {
    "path": Option("path", "", "", 'a folder, such as "~/work"', _is_text),
    "include": OPTIONS["include"],
    "exclude": OPTIONS["exclude"],
}
"""What a notes folder with a name takes."""


SAFE_DEFAULT: str = OPTIONS["editor_link"].default


def unknown_variables(
    environment: Mapping[str, str] = os.environ,
) -> list[tuple[str, str]]:
    """Return the variables that look like settings and are none, each with the nearest that is."""
    known = [option.variable for option in OPTIONS.values()] + ["ASSISTANT_CONFIG", TOKEN]
    unknown = (name for name in environment if name.startswith("ASSISTANT_") and name not in known)
    return [(name, nearest(name, known)) for name in sorted(unknown)]


def folders_of(values: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Yield the folders that the settings of a file name to be read or written, as they stand."""
    if "index" in values and not is_address(values["index"]):
        yield ("index",), values["index"]
    given = values.get("notes", [])
    if isinstance(given, list):
        yield from ((("notes",), item) for item in given)
    else:
        for name, value in given.items():
            if isinstance(value, dict):
                yield ("notes", name, "path"), value["path"]
            else:
                yield ("notes", name), value


def problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the settings of a file, in their order."""
    for name, value in values.items():
        if name == "notes" and isinstance(value, dict):
            yield from _problems_of_folders(value)
        else:
            yield from _problems_of(OPTIONS, (name,), value)


def dangers(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what a settings file may not decide that nobody chose, such as one of a clone."""
    if values.get("editor"):
        yield Problem(
            ("editor",),
            "editor starts a program, and this file applies only because of where it is",
            "set it in your own file (`assistant init --user`) or in EDITOR; or name this file by"
            " --config",
        )
    if is_address(values.get("index", "")):
        yield Problem(
            ("index",),
            "index sends the notes to a server, and nobody has confirmed this file",
            "if it is yours, run `assistant config --trust`, or name it with --config",
        )
    link = values.get("editor_link", SAFE_DEFAULT)
    if not SAFE_LINK.fullmatch(link):
        yield Problem(
            ("editor_link",),
            f"editor_link = {shortened(link)} opens no file in an editor that is known, and"
            " nobody has confirmed this file",
            "write an address such as vscode://file{path}:{line}; or, if the file is yours, run"
            " `assistant config --trust`",
        )


def _problems_of_folders(folders: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in folders.items():
        path = ("notes", name)
        if not FOLDER_NAME.fullmatch(name):
            remedy = "begin with a letter, and use letters, digits, spaces, dots, - and _"
            yield Problem(path, f"{name!r} cannot name a notes folder", remedy)
        elif not isinstance(value, dict):
            yield from _problems_of(_OF_FOLDER, (*path, "path"), value, path)
        elif "path" not in value and value.keys() <= _OF_FOLDER.keys():
            yield Problem(path, f"the notes folder {name!r} has no path", 'add path = "FOLDER"')
        else:
            for key, item in value.items():
                yield from _problems_of(_OF_FOLDER, (*path, key), item)


def _problems_of(
    known: Mapping[str, Option], path: KeyPath, value: object, shown: KeyPath = ()
) -> Iterator[Problem]:
    """Yield what is wrong with one value: its key is not known, or it is of another kind."""
    option, key = known.get(path[-1]), ".".join(shown or path)
    if option is None:
        near = nearest(path[-1], known)
        remedy = f"did you mean {near!r}?" if near else "`assistant config` lists those there are"
        yield Problem(path, f"unknown setting {shortened(key)}", remedy)
    elif not option.holds(value):
        words = f"{key} = {shortened(value)} is not {option.takes}"
        yield Problem(shown or path, words, f"write {option.takes}")


def shortened(value: object) -> str:
    """Return a value as Python writes it, in part where it is long or deep."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = LONGEST_SHOWN
    return short.repr(value)
