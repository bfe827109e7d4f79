"""The commands that tell how well questions are answered: ``eval`` and ``why-not``.

What they need is imported when they run, so that ``ask`` does not wait for it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant import session
from assistant.errors import ConfigError
from assistant.progress import Bar

if TYPE_CHECKING:
    from concurrent.futures import Future

    from assistant.config import Settings
    from assistant.embed import Encoder
    from assistant.evaluate import Outcome
    from assistant.search import Searcher


def register(app: click.Group) -> None:
    """Add the commands to the command line."""
    app.add_command(evaluate)
    app.add_command(why_not)


def _settings(context: click.Context) -> Settings:
    load: Callable[[], Settings] = context.obj
    return load()


@click.command("eval")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--from-notes", is_flag=True, help="Ask the notes' own headings instead.")
@click.option("--limit", type=click.IntRange(1), help="Headings at most; 200 unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def evaluate(
    context: click.Context, file: Path | None, from_notes: bool, limit: int | None, as_json: bool
) -> None:
    """Measure how well your own questions are answered, and what changed since the last time.

    Example: assistant eval my-questions.jsonl
    """
    if (file is None) != from_notes:
        raise ConfigError(
            "eval needs a file of questions, or --from-notes", "assistant eval my-questions.jsonl"
        )
    if limit and not from_notes:
        raise ConfigError("--limit goes with --from-notes", "leave it out, or add --from-notes")
    chosen = _settings(context)
    encoder = session.open_encoder(chosen.model)
    with closing(Bar(sys.stderr)) as bar:
        searcher, newer = session.open_searcher(chosen, encoder, bar)
        with closing(searcher):
            if file is None:
                outcomes = _ask_headings(chosen, searcher, encoder, limit, bar)
            else:
                outcomes = _ask_file(searcher, file, bar)
    if newer:
        click.echo(f"notes newer than the index, left out: {newer}", err=True)
    _report(chosen, file.stem if file else "from-notes", outcomes, as_json=as_json)


def _report(chosen: Settings, name: str, outcomes: list[Outcome], *, as_json: bool) -> None:
    """Print what came of it, with the change since the last run, and keep it for the next."""
    from assistant import history, scorecard

    kept = history.path_of(chosen.index, name)
    change = history.change_since(kept, outcomes)
    card = scorecard.Scorecard(name, tuple(outcomes), change)
    click.echo(scorecard.to_json(card) if as_json else scorecard.to_text(card))
    history.save(kept, outcomes)


def _ask_file(searcher: Searcher, file: Path, bar: Bar) -> list[Outcome]:
    """Ask the questions of a file."""
    from assistant import evaluate, questions

    asked = questions.read(file, searcher.reader.heading_paths())
    cases = [evaluate.Case(question) for question in asked]
    return evaluate.run(searcher, cases, lambda done: bar("questions", done, len(cases)))


def _ask_headings(
    chosen: Settings, searcher: Searcher, encoder: Future[Encoder], limit: int | None, bar: Bar
) -> list[Outcome]:
    """Ask the notes' own headings."""
    from assistant import evaluate, export, pseudo
    from assistant.search import Searcher

    found = pseudo.sample(pseudo.entries(searcher.reader), limit or pseudo.SAMPLE)
    if not found:
        raise ConfigError(
            "no entry of the notes has a heading that asks for it alone",
            "write questions of your own: assistant eval my-questions.jsonl",
        )
    with tempfile.TemporaryDirectory(prefix="assistant-eval-") as folder:
        drawn = pseudo.prepare(
            searcher.reader, found, Path(folder), export.exported(chosen.model), encoder, bar
        )
        with closing(Searcher(drawn.folder, encoder)) as without:
            cases = pseudo.cases(without.reader, drawn)
            return evaluate.run(without, cases, lambda done: bar("questions", done, len(found)))


@click.command("why-not")
@click.argument("note", metavar="NOTE[:LINE]")
@click.argument("question")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def why_not(context: click.Context, note: str, question: str, as_json: bool) -> None:
    """Explain why a note did not come first for a question.

    Example: assistant why-not pytorch.md:120 "how do I free GPU memory"
    """
    from assistant import whynot

    chosen = _settings(context)
    encoder = session.open_encoder(chosen.model)
    with closing(Bar(sys.stderr)) as bar:
        searcher, _ = session.open_searcher(chosen, encoder, bar)
    with closing(searcher):
        found = whynot.explain(searcher, note, question)
    click.echo(whynot.to_json(found) if as_json else whynot.to_text(found))
