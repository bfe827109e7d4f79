"""The commands that tell how well questions are answered: ``eval`` and ``why-not``.

What they need is imported when they run, so that ``ask`` does not wait for it.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import common
from assistant.cli.terminal.progress import Bar
from assistant.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from assistant.embedding import Encoder
    from assistant.evaluation import Outcome
    from assistant.search import Searcher
    from assistant.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("eval")(evaluate)
    app.command("why-not")(why_not)


def evaluate(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Questions, one JSON object a line; docs/quality.md.")
    ] = None,
    from_notes: Annotated[
        bool, typer.Option("--from-notes", help="Ask the notes' own headings instead.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of headings; 200 by default.")
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Measure how well your questions are answered. It also says what changed since the last time.

    Example: assistant eval my-questions.jsonl
    """
    if (file is None) != from_notes:
        raise UsageError(
            "eval needs a file of questions, or --from-notes", "assistant eval my-questions.jsonl"
        )
    if limit and not from_notes:
        raise UsageError("--limit needs --from-notes", "leave it out, or add --from-notes")
    from assistant.library import Notes

    chosen = common.settings(context)
    with Bar(sys.stderr) as bar, Notes(chosen) as notes:
        notes.refresh(bar)
        with notes.searcher(refresh=False) as searcher:
            if file is None:
                outcomes = _ask_headings(chosen, searcher, notes.encoder, limit, bar)
            else:
                outcomes = _ask_file(searcher, file, bar)
    if notes.left_out.count:
        typer.echo(f"notes newer than the index, or gone: {notes.left_out.count}", err=True)
    _report(chosen, file.stem if file else "from-notes", outcomes, as_json=as_json)


def _report(chosen: Settings, name: str, outcomes: list[Outcome], *, as_json: bool) -> None:
    """Print what came of it, with the change since the last run, and keep it for the next."""
    from assistant.evaluation import history, report

    kept = history.path_of(chosen.index, name)
    change = history.change_since(kept, outcomes)
    card = report.Scorecard(name, tuple(outcomes), change)
    if as_json:
        common.print_json(report.to_json(card))
    else:
        typer.echo(report.to_text(card))
    history.save(kept, outcomes)


def _ask_file(searcher: Searcher, file: Path, bar: Bar) -> list[Outcome]:
    """Ask the questions of a file."""
    from assistant.evaluation import questions
    from assistant.evaluation import runner as evaluate

    asked = questions.read(
        file, questions.heading_paths(searcher.snapshot.notes(), searcher.snapshot.entries())
    )
    cases = [evaluate.Case(question) for question in asked]
    return evaluate.run(searcher, cases, lambda done: bar("questions", done, len(cases)))


def _ask_headings(
    chosen: Settings, searcher: Searcher, encoder: Future[Encoder], limit: int | None, bar: Bar
) -> list[Outcome]:
    """Ask the notes' own headings."""
    from assistant.embedding import export
    from assistant.evaluation import heading_questions
    from assistant.evaluation import runner as evaluate
    from assistant.search import Searcher

    found = heading_questions.sample(
        heading_questions.entries(searcher.snapshot), limit or heading_questions.SAMPLE
    )
    if not found:
        raise UsageError(
            "no entry of the notes has a heading that asks for it alone",
            "write questions of your own: assistant eval my-questions.jsonl",
        )
    with tempfile.TemporaryDirectory(prefix="assistant-eval-") as folder:
        drawn = heading_questions.prepare(
            searcher.snapshot,
            found,
            Path(folder),
            export.exported(chosen.model, fetch=chosen.fetches),
            encoder,
            bar,
        )
        with closing(Searcher(drawn.folder, encoder)) as without:
            cases = heading_questions.cases(without.snapshot, drawn)
            return evaluate.run(without, cases, lambda done: bar("questions", done, len(found)))


def why_not(
    context: typer.Context,
    note: Annotated[str, typer.Argument(metavar="NOTE[:LINE]", help="The note you expected.")],
    question: Annotated[str, typer.Argument(help="The question, in plain words.")],
    as_json: common.AsJson = False,
) -> None:
    """Explain why a note did not come first for a question.

    Example: assistant why-not pytorch.md:120 "how do I free GPU memory"
    """
    from assistant.evaluation import explanation
    from assistant.library import Notes

    chosen = common.settings(context)
    with Notes(chosen) as notes:
        with Bar(sys.stderr) as bar:
            notes.refresh(bar)
        with notes.searcher(refresh=False) as searcher:
            found = explanation.explain(searcher, note, question)
    if as_json:
        common.print_json(explanation.to_json(found))
    else:
        typer.echo(explanation.to_text(found))
