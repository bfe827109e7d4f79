"""The command line: parse, call, render."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

import assistant
from assistant import agents, config, doctor, quality, reading, render, session, watching
from assistant.config import Settings
from assistant.errors import AssistantError, ConfigError, IndexBusyError
from assistant.library import Notes
from assistant.records import Answer

if TYPE_CHECKING:
    from assistant.build import Progress
    from assistant.status import Status

app = typer.Typer(
    help="Ask your Markdown notes: local, offline, without a language model.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

JSON_RESULTS = 5
"""Results of `ask --json` unless -k says otherwise."""

JSON_LINE = re.compile(r'\{\s*"')
"""A line of a batch that is an object; ``{x} in an f-string`` is a question."""


def main() -> None:
    """Run the command line; the one place where errors for users are caught."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # not every terminal can write Chinese
    try:
        code = app(standalone_mode=False)
    except TyperException as error:  # its message repeats what the user typed
        shown = io.StringIO()
        error.show(shown)  # type: ignore[attr-defined] # every usage error has it
        _say(shown.getvalue())
        sys.exit(error.exit_code)
    except AssistantError as error:
        _say(f"Error: {render.printable_line(error.cause)}")
        _say(render.printable_line(error.remedy))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader has gone, such as `head`; keep the interpreter from complaining at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    if code:
        sys.exit(code)


def _say(text: str) -> None:
    """Write a message to standard error, without control characters of a terminal."""
    typer.echo("\n".join(render.printable(line) for line in text.splitlines()), err=True)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"assistant {assistant.__version__}")
        raise typer.Exit


@app.callback()
def settings(
    context: typer.Context,
    config_file: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings file.")
    ] = None,
    index: Annotated[Path | None, typer.Option(metavar="DIR", help="Index folder.")] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Ask your Markdown notes: local, offline, without a language model."""
    context.obj = lambda: config.load(config_file, index)


def _settings(context: typer.Context) -> Settings:
    load: Callable[[], Settings] = context.obj
    return load()


@app.command()
def build(
    context: typer.Context,
    notes: Annotated[
        list[Path] | None, typer.Argument(help="Folders and files; the settings' unless given.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read and cut every note again.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait while another process builds.")
    ] = False,
) -> None:
    """Bring the index up to date; only what changed is embedded.

    Example: assistant build ~/notes
    """
    chosen = _settings(context)
    sources = session.sources_of(chosen, [path.expanduser() for path in notes or []])
    with _progress() as progress:
        again = partial(session.rebuild, chosen, sources, full=full, check=True, progress=progress)
        try:
            report = again()
        except IndexBusyError as error:
            if not wait:
                raise
            _say(f"{render.printable_line(error.cause)}; waiting until it has ended")
            report = again(wait=True)
    manifest = report.manifest
    changed = (
        f"{_counted(report.read, 'note')} read"
        if report.read or report.removed
        else "nothing changed"
    )
    removed = f", {report.removed} removed" if report.removed else ""
    _say(
        f"{_counted(manifest.notes, 'note')}, {_counted(manifest.entries, 'entry', 'entries')},"
        f" {_counted(manifest.chunks, 'chunk')}; {changed}{removed}, {report.embedded} embedded"
    )
    if manifest.skipped:
        _say(f"{_counted(len(manifest.skipped), 'file')} skipped; see `assistant status`")


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="The question, in plain words.")] = None,
    count: Annotated[
        int | None, typer.Option("-k", min=1, max=100, help="Results at most.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    code: Annotated[
        bool, typer.Option("--code", help="Print only the best result's code.")
    ] = False,
    note: Annotated[str, typer.Option(metavar="GLOB", help="Only notes whose path matches.")] = "",
    tags: Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            metavar="TAG",
            help="Only notes with this tag, or one nested in it; given again, with both.",
        ),
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE",
            help="Only notes since a day, month or year: 2026-03-01, 2026-03, 2026. The date of a"
            " note is that of its front matter, else of its name, else of its last change.",
        ),
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="DATE", help="Only notes until then, that day or year included.")
    ] = "",
    why: Annotated[bool, typer.Option("--why", help="Say what speaks for each result.")] = False,
    open_best: Annotated[
        bool, typer.Option("--open", help="Open the best result in $EDITOR.")
    ] = False,
    batch: Annotated[
        str, typer.Option(metavar="FILE|-", help="Questions, one a line; with --json.")
    ] = "",
) -> None:
    """Answer a question with a passage of the notes.

    Example: assistant ask "how do I free GPU memory"

    Example: assistant ask "what did we decide" --tag work --since 2026-03
    """
    if (question is None) == (not batch):
        raise ConfigError("ask needs a question, or --batch FILE", 'assistant ask "how do I ..."')
    if batch and not as_json:
        raise ConfigError("--batch prints JSON only", "add --json")
    chosen = _settings(context)
    if question is not None and not question.strip():
        raise ConfigError("the question is empty", 'assistant ask "how do I ..."')
    count = count or (JSON_RESULTS if as_json else chosen.results)
    encoder = session.open_encoder(chosen.model, few=not batch)
    with (
        _opened(batch) if batch else nullcontext([question or ""]) as lines,
        Notes(chosen, encoder) as notes,
    ):
        with _progress() as progress:
            notes.refresh(progress)
        with notes.searcher(refresh=False) as searcher:
            if session.is_cut_otherwise(searcher):
                _say(session.CUT_OTHERWISE)
        for asked in _read_questions(lines, batch) if batch else map(_text, lines):
            answer = (
                notes.ask(
                    *(asked, count),
                    note=note,
                    tags=tags or (),
                    since=since,
                    until=until,
                    why=why,
                    refresh=False,
                )
                if asked
                else Answer(asked, "none", ())  # a line out for each line in
            )
            if as_json:
                _print_json(render.to_json(answer))
            if not batch:
                _show(answer, as_json=as_json, code=code, open_best=open_best)


def _print_json(line: str) -> None:
    """Print a line of JSON, in ASCII where standard output cannot write everything."""
    if (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8"):
        line = json.dumps(json.loads(line))
    typer.echo(line)


def _show(answer: Answer, *, as_json: bool, code: bool, open_best: bool) -> None:
    """Print one answer in the form asked for, and end with its exit code."""
    if code:
        blocks = answer.results[0].code if answer.results and answer.verdict != "none" else ()
        if not blocks:
            _say("the best passage has no code" if answer.results else "the notes do not answer")
            raise typer.Exit(1)
        text = render.visible(blocks[0].text)
        typer.echo(text, nl=not text.endswith("\n"))
    elif not as_json and sys.stdout.isatty():
        from rich.console import Console

        from assistant.terminal import to_terminal

        to_terminal(answer, Console())
    elif not as_json:
        typer.echo(render.to_plain(answer))
    if open_best and answer.results:
        from assistant.editor import open_at

        open_at(answer.results[0].path, answer.results[0].lines[0])
    raise typer.Exit(1 if answer.verdict == "none" else 0)


def _opened(source: str) -> AbstractContextManager[Iterable[str]]:
    """Open a file of questions, or standard input for ``-``."""
    if source == "-":
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8-sig")
        return nullcontext(sys.stdin)
    try:
        return Path(source).expanduser().open(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable(source, error.strerror or str(error)) from error


def _unreadable(source: str, reason: str) -> ConfigError:
    return ConfigError(f"{source} cannot be read: {reason}", "name a text file in UTF-8")


def _read_questions(lines: Iterable[str], source: str) -> Iterator[str]:
    """Yield the question of each line, empty for a blank one.

    A line that is a JSON object gives its "question".
    """
    try:
        for line in lines:
            asked = json.loads(line)["question"] if JSON_LINE.match(line) else line
            if not isinstance(asked, str):
                raise TypeError
            yield _text(asked).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(source, str(error)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{source} has a line that begins like JSON but holds no question",
            'write plain lines, or objects with a "question"',
        ) from error


def _text(question: str) -> str:
    """Return a question without the lone surrogates of bytes or escapes that are no text."""
    return question.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@app.command()
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what the index holds, how old it is, and what was skipped.

    Example: assistant status --json
    """
    from assistant.status import gather

    found = gather(_settings(context).index)
    typer.echo(json.dumps(found.to_record(), ensure_ascii=True) if as_json else _status_text(found))


@app.command()
def web(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; the first free one from 8501.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Ask in the browser: a page on this computer, for this computer alone.

    Example: assistant web
    """
    from assistant.web import HOST, free_port, serve

    chosen = _settings(context)
    port = free_port(port)
    typer.echo(f"http://{HOST}:{port}")
    _say("The page runs until Ctrl+C.")
    serve(chosen, port, browser=browser)


def _status_text(found: Status) -> str:
    lines = [f"{name:<10} {value}" for name, value in found.lines()]
    return "\n".join(render.printable(line) for line in lines)


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


agents.register(app)
doctor.register(app)
quality.register(app)
reading.register(app)
watching.register(app)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar on a terminal's standard error, from the first call on."""
    from assistant.progress import Bar

    bar = Bar(sys.stderr)
    try:
        yield bar
    finally:
        bar.close()
