"""A build in a process of its own: the memory that it takes is given back when it ends.

Embedding takes some hundred megabytes more than questions do, and who asks keeps running all day.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant import errors, own_python
from assistant.library import refresh
from assistant.records import Source
from assistant.settings import Settings

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
    told = {
        "index": str(settings.index),
        "model": settings.model,
        "fetches": settings.fetches,
        "late_interaction": settings.late_interaction,
        "sources": [asdict(source) for source in sources],
    }
    program = "from assistant.library.build_process import main; main()"
    command = own_python.command("-c", program, json.dumps(told, default=str))
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


def main() -> None:
    """Build as the first argument says, and write how it goes, a line of JSON each time."""
    told = json.loads(sys.argv[1])
    settings = Settings(
        index=Path(told["index"]),
        model=told["model"],
        fetches=told["fetches"],
        late_interaction=told["late_interaction"],
    )
    sources = [Source.from_fields(fields) for fields in told["sources"]]
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


def _say_pieces(stage: str, done: int, total: int) -> None:
    if stage == "embedding":
        _say(done=done, total=total)


def _say(**values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()
