"""What a disk holds after the power fails: a build's writes and syncs, recorded and replayed.

``record`` runs a build under strace. ``Disk`` takes its steps one by one and gives, for any moment,
a folder as it may lie on the disk then: what was synced is there, and of the rest any part, in
pieces of a page, in any order; names that were made, changed or taken away since the folder itself
was synced are so up to any of them. That is less than file systems promise.

``python power_loss.py FOLDER`` is the build: that of the ``Case`` in FOLDER. It writes the texts
whose vectors have been kept into FOLDER/marks, from which ``record`` learns when that was.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from indexes import Case, PassageEncoder, uncalibrated

import assistant.indexing.build
from assistant.embedding.model import ModelCard
from assistant.store.texts import EmbeddedText
from assistant.store.update import Update

MARKS = "marks"
TORN = 4096
"""Bytes that a disk writes at once."""

CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink"
_LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += (\d+)")
_OPEN = re.compile(r"(\d+) +(.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
_PATH = re.compile(r"^\d+<((?:\\x..)*)>")
_TEXT = re.compile(r'"((?:\\x..)*)"')


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a build did with a file of the index, by its name; "" for the folder."""

    kind: str
    """create, write, truncate, sync, rename, unlink or kept."""
    name: str
    at: int = 0
    """Where it wrote, or the size to which it cut."""
    data: bytes = b""
    other: str = ""
    """The name that the file has from now on."""
    texts: frozenset[str] = frozenset()
    """Digests of texts whose vectors are kept for good."""


def record(case: Case) -> list[Step]:
    """Build, and return what was done with the files of the index."""
    trace = case.folder / "trace"
    options = ["-f", "-y", "-xx", "-s", "100000000", "-e", f"trace={CALLS}", "-o", str(trace)]
    program = [sys.executable, __file__, str(case.folder)]
    subprocess.run(["strace", *options, *program], check=True, capture_output=True)
    return list(_steps(_calls(trace.read_text().splitlines()), case))


def _calls(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the calls that succeeded with their arguments, those that were interrupted joined."""
    begun: dict[str, str] = {}
    for line in lines:
        if found := _OPEN.fullmatch(line):
            begun[found[1]] = line.removesuffix(" <unfinished ...>")
            continue
        if found := _RESUMED.fullmatch(line):
            line = begun.pop(found[1]) + found[2]
        if found := _LINE.match(line):
            yield found[2], found[3]


def _text(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _steps(calls: Iterable[tuple[str, str]], case: Case) -> Iterator[Step]:
    """Yield what calls do with the files of an index, and when texts are kept."""
    ends: dict[str, int] = {}
    for call, arguments in calls:
        texts = [_text(found) for found in _TEXT.findall(arguments)]
        opened = _PATH.match(arguments)
        path = Path(os.fsdecode(_text(opened[1]) if opened else texts[0] if texts else b""))
        if call == "write" and path == case.folder / MARKS:
            yield Step("kept", "", texts=frozenset(json.loads(texts[0])))
        elif path == case.index and call in ("fsync", "fdatasync"):
            yield Step("sync", "")
        elif path.parent == case.index and not path.name.endswith(("-shm", ".lock", "(deleted)")):
            yield from _steps_of_file(call, path.name, arguments, texts, ends)


def _steps_of_file(
    call: str, name: str, arguments: str, texts: list[bytes], ends: dict[str, int]
) -> Iterator[Step]:
    """Yield what a call does with a file; ``ends`` holds where what is written in order goes."""
    last = arguments.rpartition(", ")[2]
    if call == "openat":
        ends[name] = 0
    if call == "openat" and "O_CREAT" in arguments:
        yield Step("create", name)
    if call == "openat" and "O_TRUNC" in arguments:
        yield Step("truncate", name)
    elif call == "write":
        yield Step("write", name, ends[name], texts[0])
        ends[name] += len(texts[0])
    elif call == "pwrite64":
        yield Step("write", name, int(last), texts[0])
    elif call == "ftruncate":
        yield Step("truncate", name, int(last))
    elif call in ("fsync", "fdatasync"):
        yield Step("sync", name)
    elif call in ("rename", "unlink"):
        yield Step(call, name, other=Path(os.fsdecode(texts[-1])).name if texts[1:] else "")


class Disk:
    """The files of a folder: what is on the disk, and what is on its way there."""

    def __init__(self, folder: Path) -> None:
        """Begin with the files of a folder, all of them on the disk."""
        found = sorted(folder.iterdir()) if folder.exists() else []
        self.files = [bytearray(path.read_bytes()) for path in found]
        self.names = {path.name: number for number, path in enumerate(found)}
        self.now = dict(self.names)
        """The files by name as a program sees them."""
        self.pending: defaultdict[int, list[Step]] = defaultdict(list)
        self.renamed: list[tuple[Step, int]] = []
        self.kept: set[str] = set()

    def take(self, step: Step) -> None:
        """Go on by a step."""
        if step.kind == "kept":
            self.kept |= step.texts
        elif step.kind == "sync" and not step.name:
            for change in self.renamed:
                _rename(self.names, *change)
            self.renamed.clear()
        elif step.kind == "create":
            if step.name not in self.now:
                self.files.append(bytearray())
                self._name(step, len(self.files) - 1)
        elif step.kind in ("rename", "unlink"):
            self._name(step, self.now[step.name])
        elif step.kind == "sync":
            number = self.now[step.name]
            for written in self.pending.pop(number, []):
                _write(self.files[number], written)
        else:
            self.pending[self.now[step.name]].append(step)

    def _name(self, step: Step, number: int) -> None:
        self.renamed.append((step, number))
        _rename(self.now, step, number)

    def fail(self, place: Path, chance: random.Random, share: float) -> None:
        """Write a folder as it may be after the power failed.

        Args:
            place: The folder to make.
            chance: What decides.
            share: Of what is on its way that reaches the disk, in 0..1.
        """
        names = dict(self.names)
        for change in self.renamed[: round(share * len(self.renamed))]:
            _rename(names, *change)
        place.mkdir(mode=0o700)
        for name, number in names.items():
            content = bytearray(self.files[number])
            for step in self.pending[number]:
                for piece in _pieces(step):
                    if chance.random() < share:
                        _write(content, piece)
            (place / name).write_bytes(content)
            (place / name).chmod(0o600)


def _rename(names: dict[str, int], step: Step, number: int) -> None:
    """Make, change or take away a name."""
    if step.kind != "create":
        names.pop(step.name, None)
    if step.kind != "unlink":
        names[step.other or step.name] = number


def _pieces(step: Step) -> Iterator[Step]:
    """Yield a write in pieces that lie within a page of the disk each."""
    if step.kind != "write":
        yield step
        return
    at = step.at
    while at < step.at + len(step.data):
        end = min(at // TORN * TORN + TORN, step.at + len(step.data))
        yield Step("write", step.name, at, step.data[at - step.at : end - step.at])
        at = end


def _write(content: bytearray, step: Step) -> None:
    """Change the content of a file."""
    if step.kind == "truncate":
        del content[step.at :]
    content.extend(bytes(max(0, step.at - len(content))))
    content[step.at : step.at + len(step.data)] = step.data


def main() -> None:
    """Build, and mark what has been kept."""
    case = Case(Path(sys.argv[1]))
    case.encoder = PassageEncoder(ModelCard.read(case.model / "card.json"))
    assistant.indexing.build._calibration = uncalibrated  # type: ignore[assignment]
    assistant.indexing.meaning.SAVED_EVERY = 2
    keep_texts = Update.keep_texts
    with (case.folder / MARKS).open("wb", buffering=0) as marks:

        def keep_and_mark(update: Update, texts: Iterable[EmbeddedText]) -> None:
            texts = list(texts)
            keep_texts(update, texts)
            marks.write(json.dumps([text.digest for text in texts]).encode())

        setattr(Update, "keep_texts", keep_and_mark)  # noqa: B010 # another type
        case.build()


if __name__ == "__main__":
    main()
