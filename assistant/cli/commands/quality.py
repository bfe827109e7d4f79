"""The commands that tell how well questions are answered: ``eval``, ``why-not`` and ``model``.

What they need is imported when they run, so that ``ask`` does not wait for it.
"""

from __future__ import annotations

import shlex
import sys
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.cli import common
from assistant.cli.terminal.progress import Bar
from assistant.errors import UsageError

if TYPE_CHECKING:
    from assistant.evaluation import Outcome, comparison
    from assistant.library import Notes
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
    from assistant.evaluation import heading_questions, history, runner
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
    if file:
        history.remember(chosen.index, file)
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


Action = Literal["try", "use", "back"]


def model(
    context: typer.Context,
    action: Annotated[Action, typer.Argument(help="try it, use it, or go back.")],
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME|FOLDER]", help="The model; the last one tried.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--questions", help="Your questions; those of the last eval.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of headings; 200 by default.")
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Try another model beside the one in use, take it, and go back.

    Example: assistant model try intfloat/e5-small-v2

    Example: assistant model use
    """
    if action != "try" and (file or limit or as_json):
        raise UsageError(f"--questions, --limit and --json do not go with {action}", "leave it out")
    if action == "back":
        if name:
            raise UsageError("`assistant model back` takes no name", "leave it out")
        from assistant.library import trial

        taken = trial.back(common.settings(context))
        common.say(f"back to {taken.model}; {taken.file} says so")
    elif action == "use":
        from assistant.library import trial

        with Bar(sys.stderr) as bar:
            taken = trial.use(common.settings(context), name or "", bar)
        common.say(f"{taken.model} is in use; {taken.file} says so")
        common.say("undo: assistant model back")
    else:
        _try(common.settings(context), name or "", file, limit, as_json=as_json)


def _try(
    chosen: Settings, name: str, file: Path | None, limit: int | None, *, as_json: bool
) -> None:
    """Build the side index, ask both, and print how they differ."""
    from assistant.evaluation import comparison, history
    from assistant.library import Notes, trial

    file = file or history.last_file(chosen.index)
    with Bar(sys.stderr) as bar:
        with Notes(chosen) as notes:
            notes.refresh(bar)
            side = trial.tried(chosen, name)
            trial.build(chosen, side, bar)
            now = _trial(notes, chosen, file, limit, bar)
        with Notes(side) as other:
            tried = _trial(other, side, file, limit, bar)
    if as_json:
        common.print_json(comparison.to_json(now, tried))
    else:
        typer.echo(comparison.to_text(now, tried))
        common.say(f"take it: assistant model use {shlex.quote(side.model)}")


def _trial(
    notes: Notes, chosen: Settings, file: Path | None, limit: int | None, bar: Bar
) -> comparison.Trial:
    """Ask an index the user's questions, if there are any, and its headings."""
    from assistant.evaluation import comparison, heading_questions, runner

    outcomes: dict[str, list[Outcome]] = {}
    if file:
        outcomes[file.stem] = notes.lend_to(partial(runner.ask_file, file=file, progress=bar))
    with suppress(UsageError) if file else nullcontext():  # headings that ask for nothing
        outcomes["headings"] = notes.lend_to(
            partial(
                heading_questions.ask,
                model=chosen.model,
                fetch=chosen.fetches,
                limit=limit or heading_questions.SAMPLE,
                progress=bar,
            )
        )
    return comparison.Trial(chosen.model, outcomes, notes.lend_to(comparison.cost))
