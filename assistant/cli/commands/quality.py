"""The commands that tell how well questions are answered: ``eval`` and ``why-not``.

What they need is imported when they run, so that ``ask`` does not wait for it.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import common
from assistant.cli.terminal.progress import Bar
from assistant.errors import UsageError

if TYPE_CHECKING:
    from assistant.evaluation import Outcome
    from assistant.settings import Settings


def evaluate(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="Questions: lines of QUESTION<tab>NOTE#HEADING, a CSV file with the columns"
            " question, note and heading, or lines of JSON:"
            ' {"question": "...", "note": "a.md", "heading": "..."}.',
        ),
    ] = None,
    from_notes: Annotated[
        bool, typer.Option("--from-notes", help="Ask the notes' own headings instead.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Maximum number of headings; 200 by default."),
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
    from assistant.evaluation import heading_questions, runner
    from assistant.library import Notes

    chosen = common.settings(context)
    with Bar(sys.stderr) as bar, Notes(chosen) as notes:
        notes.refresh(bar)
        if file is not None:
            outcomes = notes.lend_to(partial(runner.ask_file, file=file, progress=bar))
        else:
            asked = partial(
                heading_questions.ask,
                model=chosen.model,
                fetch=chosen.fetches,
                limit=limit or heading_questions.SAMPLE,
                progress=bar,
            )
            outcomes = notes.lend_to(asked)
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
        found = notes.lend_to(partial(explanation.explain, wanted=note, question=question))
    if as_json:
        common.print_json(explanation.to_json(found))
    else:
        typer.echo(explanation.to_text(found))
