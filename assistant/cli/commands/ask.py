"""The command ``ask``: one question, a batch of them, or a dialogue.

What it needs is imported when it runs, so that the model opens meanwhile.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from assistant.cli import common, first_time, question_input
from assistant.cli.common import print_json, say
from assistant.cli.terminal import screen
from assistant.cli.terminal.interrupts import raise_again
from assistant.cli.terminal.progress import LOADING, TAKEN_IN, Bar
from assistant.errors import UsageError
from assistant.rendering import answers
from assistant.results import Answer, Filter
from assistant.settings import index_place, working_folder
from assistant.text import printable_line, visible

if TYPE_CHECKING:
    from assistant.library import Notes
    from assistant.settings import Settings

Form = Literal["", "--json", "--code", "--paths", "--markdown"]
"""How an answer is printed; empty for a reader."""

JSON_RESULTS = 5
"""Results of `ask --json` unless -k says otherwise."""

USAGE = 'assistant ask "how do I ..."'


def ask(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUESTION]...",
            help="The question, in plain words; - reads it from standard input. Without one, on a"
            " terminal, you can ask any number of them.",
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            *common.COUNT,
            min=1,
            max=100,
            metavar="N",
            help="Maximum number of results, an excerpt of each.",
        ),
    ] = None,
    as_json: common.AsJson = False,
    code: Annotated[
        bool, typer.Option("--code", help="Print only the best result's code.")
    ] = False,
    paths: Annotated[
        bool, typer.Option("--paths", help="Print only FILE:LINE of each best sentence.")
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown, to paste elsewhere.")
    ] = False,
    note: Annotated[
        str, typer.Option(metavar="GLOB", help="Only notes whose path matches, or that note.")
    ] = "",
    tags: Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            metavar="TAG",
            help="Only notes with this tag, or one nested in it; repeat it to require both.",
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
    language: Annotated[
        str,
        typer.Option(
            metavar="LANGUAGE",
            help="Only notes in this language: de, or German. A passage in Chinese counts as such"
            " wherever it stands.",
        ),
    ] = "",
    why: Annotated[bool, typer.Option("--why", help="Say what speaks for each result.")] = False,
    open_best: Annotated[
        bool, typer.Option("--open", help="Open the best result in $EDITOR.")
    ] = False,
    batch: Annotated[
        str, typer.Option(metavar="FILE|-", help="Answer questions, one a line.")
    ] = "",
    full: Annotated[bool, typer.Option("--full", help="Print whole passages.")] = False,
    pager: Annotated[
        bool, typer.Option(help="Show what -k or --full makes longer than the screen in $PAGER.")
    ] = True,
) -> None:
    """Answer a question with a passage of the notes.

    Example: assistant ask "how do I free GPU memory"

    Example: assistant ask "what did we decide" --tag work --since 2026-03

    Example: vim -q <(assistant ask "free GPU memory" --paths)
    """
    form = _form(json=as_json, code=code, paths=paths, markdown=markdown)
    # Without quotes the shell makes several words of a question.
    question = _checked(" ".join(words) if words else None, batch, form, open_best=open_best)
    chosen = common.settings(context)
    usual = JSON_RESULTS if form == "--json" else chosen.results
    if line := first_time.remark(chosen):
        say(line)
    if first_time.is_due(chosen) and (folder := first_time.offered()):
        from assistant.library import of_given

        chosen = of_given(chosen, [folder])
        index_place.remember(chosen.index)
    from assistant.library import Notes

    opening = Notes.opening(chosen, few=question is not None)
    asked: AbstractContextManager[Iterable[str]] = nullcontext([])
    if batch:
        asked = question_input.opened(batch)
    with asked as lines, opening as notes:
        begin = "" if first_time.is_there(chosen) else LOADING
        with Bar(sys.stderr, "" if begin else TAKEN_IN, begin) as bar:
            notes.refresh(bar)
        limits = Filter(note, tuple(tags or ()), language, since, until)
        told: set[str] = set()

        def answer(text: str, most: int = 0) -> Answer:
            found = notes.ask(text, most or count or usual, limits=limits, why=why, refresh=False)
            for line in answers.state_remarks(found):
                if line not in told:
                    told.add(line)
                    say(line)
            return found

        detail: answers.Detail = "whole" if full else "each" if count else "first"
        if question is not None:
            found = answer(question)
            _show(found, form, chosen, detail, told, paged=pager and detail != "first")
            if open_best:
                _open(found, chosen.editor)
            raise typer.Exit(1 if found.verdict == "none" else 0)
        if batch:
            _answer_lines(question_input.from_lines(lines, batch), answer, form, detail)
        else:
            _converse(notes, answer)


def _checked(question: str | None, batch: str, form: Form, *, open_best: bool) -> str | None:
    """Return the one question to answer; None for a batch, or for a dialogue on a terminal.

    Raises:
        UsageError: There is none, an empty one, or options that do not go together.
    """
    talk = question is None and not batch and _on_terminal() and not (form or open_best)
    if (question is None) == (not batch) and not talk:
        raise UsageError("ask needs a question, or --batch FILE", USAGE)
    if batch and form not in ("", "--json"):
        raise UsageError(f"--batch and {form} cannot be used together", "leave out one of them")
    if question == question_input.STANDARD_INPUT:
        question = question_input.from_input()
    if question is not None and not question.strip():
        raise UsageError("the question is empty", USAGE)
    return question


def _answer_lines(
    questions: Iterable[str], answer: Callable[[str], Answer], form: Form, detail: answers.Detail
) -> None:
    """Print an answer for each question of a batch; as JSON also for an empty one."""
    for number, question in enumerate(questions):
        found = answer(question) if question else Answer(question, "none", ())
        if form == "--json":
            print_json(answers.to_json(found))
        elif question:
            gap = "\n" if number else ""
            typer.echo(f"{gap}# {printable_line(question)}\n\n{answers.to_plain(found, detail)}")


def _converse(notes: Notes, answer: Callable[[str, int], Answer]) -> None:
    """Answer one question after the other at a prompt."""
    from assistant.cli.dialogue import Dialogue
    from assistant.cli.terminal.prompt import Prompt, default_file

    raise_again()
    dialogue = Dialogue(notes, answer)
    dialogue.run(Prompt(default_file()))


def _form(**wanted: bool) -> Form:
    """Return the form that was asked for, by the names of the options without their dashes.

    Raises:
        UsageError: More than one was.
    """
    names: list[Form] = [form for form in get_args(Form) if wanted.get(form.lstrip("-"))]
    if len(names) > 1:
        raise UsageError(f"{' and '.join(names)} cannot be used together", "use only one of them")
    return names[0] if names else ""


def _on_terminal() -> bool:
    """Return whether somebody sits there, to ask and to read."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _show(
    answer: Answer,
    form: Form,
    settings: Settings,
    detail: answers.Detail,
    told: Iterable[str],
    *,
    paged: bool,
) -> None:
    """Print one answer in the form asked for; what is for programs, only if it answers.

    What was told before it is to stay on the screen.

    Raises:
        typer.Exit: There is nothing to print.
    """
    if form == "--json":
        print_json(answers.to_json(answer))
    elif form:
        print_for_programs(answer, form)
    elif screen.is_terminal(settings.color):
        from assistant.cli.terminal.pager import page
        from assistant.rendering import to_terminal

        console = screen.console(settings.color, told)
        with console.capture() as captured:
            to_terminal(answer, console, detail, editor_link=screen.editor_link(settings))
        page(captured.get(), console.height if paged and sys.stdout.isatty() else None)
    else:
        typer.echo(answers.to_plain(answer, detail))


def print_for_programs(answer: Answer, form: Form) -> None:
    """Print an answer as code, as places or as Markdown.

    Raises:
        typer.Exit: The notes do not answer, the best passage has no code, or it is not certain to
            answer and its code deletes or overwrites.
    """
    if answer.verdict == "none" or not answer.results:
        say("the notes do not answer")
        raise typer.Exit(1)
    if form == "--code":
        blocks = [code for code in answer.results[0].code if not code.output]
        if not blocks:
            say("the best passage has no code")
            raise typer.Exit(1)
        if answer.verdict == "weak" and blocks[0].destroys:
            say("the code deletes or overwrites, and may not answer; ask without --code")
            raise typer.Exit(1)
        text = visible(blocks[0].text)
    elif form == "--paths":
        text = answers.to_paths(answer, working_folder())
    else:
        from assistant.rendering import to_markdown

        text = to_markdown(answer)
    typer.echo(text, nl=not text.endswith("\n"))


def _open(answer: Answer, editor: str) -> None:
    """Open the best result in the editor."""
    if answer.results:
        from assistant.cli.terminal.editor import open_at

        open_at(answer.results[0].absolute, answers.best_line(answer.results[0]), editor)
