"""A build in a process of its own: the memory that it takes is given back when it ends.

Embedding takes some hundred megabytes more than questions do, and who asks keeps running all day.
One that nobody waits for reads on after the terminal is closed, when nothing else wants the
processor.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import embedding, engine_address, errors, own_python
from assistant.library import refresh
from assistant.records import Source
from assistant.settings import Settings
from assistant.store import Index, files, index_at

if TYPE_CHECKING:
    from assistant.search import Searcher

PAUSE_SECONDS = 0.5
"""Between two rounds, in which another build gets the lock."""

LEAST_PRIORITY = 19
"""As ``nice`` counts."""

_DETACHED = getattr(subprocess, "DETACHED_PROCESS", 0)
_DETACHED |= getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
"""What it takes on Windows to outlive a terminal, and to be polite."""

_started: list[subprocess.Popen[bytes]] = []
"""Processes of ``start_reading``, kept for their ends to be noticed."""

PiecesDone = Callable[[int, int], None]
"""Called with how many word pieces are embedded, and of how many."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a build did, see ``up_to_date.Report``."""

    read: int
    removed: int
    embedded: int


def build(settings: Settings, sources: Sequence[Source], progress: PiecesDone) -> Counts:
    """Bring an index up to date, see ``build.build``, and wait for it.

    Raises:
        AssistantError: As the build does.
        CalledProcessError: It broke off; its traceback is on standard error.
    """
    command = _command("main", settings, sources)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=own_python.environment(),
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            if "done" in said:
                progress(said["done"], said["total"])
            elif "cause" in said:
                raise getattr(errors, said["kind"])(said["cause"], said["remedy"])
            else:
                return Counts(**said)
        process.wait()
    raise subprocess.CalledProcessError(process.returncode, command[:-1])


def leave_the_rest(settings: Settings, searcher: Searcher) -> None:
    """Have what an index has not read by meaning read by a process, unless a build is under way.

    It is started for the user's own index alone: that of somebody else answers as it is.
    """
    manifest = searcher.snapshot.manifest
    sources = refresh.followed(settings, searcher.snapshot)
    if manifest.named(settings.index).is_strange or sources != manifest.sources:
        return
    with suppress(errors.ConfigError, errors.IndexUnusableError):  # it answers all the same
        if not index_at(settings.index).is_written:
            kept = replace(settings, late_interaction=manifest.late_interaction)
            start_reading(kept, sources)


def start_reading(settings: Settings, sources: Sequence[Source]) -> None:
    """Start a process that reads the index by meaning to its end, see ``read_on``; do not wait.

    It has a session of its own, so that it outlives the terminal, and tells nobody of anything: an
    answer says how far it is.
    """
    if not isinstance(settings.index, Path):
        return  # all is read when a build on a server ends
    _started[:] = [process for process in _started if process.poll() is None]
    if _started:
        return
    process = subprocess.Popen(
        _command("read_on", settings, sources),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(settings.index.anchor),  # it keeps no folder of the user's in use
        start_new_session=True,
        creationflags=_DETACHED,
        env=own_python.environment(),
    )
    _started.append(process)


def main() -> None:
    """Build as the first argument says, and write how it goes, a line of JSON each time."""
    settings, sources = _told(sys.argv[1])
    try:
        report = refresh.rebuild(
            settings,
            sources,
            check=True,
            progress=_say_pieces,
        )
    except errors.AssistantError as error:
        _say(kind=type(error).__name__, cause=error.cause, remedy=error.remedy)
    else:
        _say(read=report.read, removed=report.removed, embedded=report.embedded)


def read_on() -> None:
    """Read by meaning what the index of the first argument has not read, in the background.

    Each round takes in what changed meanwhile, and ends with a commit; a process that is killed
    loses what it embedded since the last few hundred chunks. Between rounds another build may come
    in. It ends with the reading, with the notes or the index, or if another one is at it.
    """
    settings, sources = _told(sys.argv[1])
    _be_polite()
    place = settings.index
    if not isinstance(place, Path):
        return  # a server reads nothing on
    index = Index(place)
    if not (place / files.DATABASE).exists():
        return  # the folder is not made anew for an index that was deleted
    folder = embedding.export.exported(settings.model, fetch=settings.fetches)
    open_encoder = cache(lambda: embedding.OnnxEncoder(folder))
    with suppress(errors.AssistantError), index.reading_locked():
        faster = embedding.Faster(settings.device, settings.model, folder)
        while (place / files.DATABASE).exists():
            report = refresh.rebuild(
                settings,
                sources,
                wait=True,
                open_encoder=open_encoder,
                until="round",
                faster=faster,
            )
            if not report.manifest.unread:
                break
            time.sleep(PAUSE_SECONDS)


def _be_polite() -> None:
    """Leave the processor to whatever else wants it."""
    if hasattr(os, "nice"):  # not on Windows
        os.nice(LEAST_PRIORITY)


def _command(function: str, settings: Settings, sources: Sequence[Source]) -> list[str]:
    """Return the command that runs a function of this module, told of a build."""
    told = {
        "index": str(settings.index),
        "model": settings.model,
        "fetches": settings.fetches,
        "late_interaction": settings.late_interaction,
        "device": settings.device,
        "sources": [asdict(source) for source in sources],
    }
    program = f"from assistant.library.build_process import {function}; {function}()"
    return own_python.command("-c", program, json.dumps(told, default=str))


def _told(content: str) -> tuple[Settings, list[Source]]:
    """Return what ``_command`` was told."""
    told = json.loads(content)
    settings = Settings(
        index=engine_address.place(told["index"]),
        model=told["model"],
        fetches=told["fetches"],
        late_interaction=told["late_interaction"],
        device=told["device"],
        background=False,
    )
    return settings, [Source.from_fields(fields) for fields in told["sources"]]


def _say_pieces(stage: str, done: int, total: int) -> None:
    if stage == "embedding":
        _say(done=done, total=total)


def _say(**values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()
