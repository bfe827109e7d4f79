"""Questions at a prompt: what ``assistant ask`` does without one, on a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from assistant.cli.commands import entries
from assistant.cli.common import say, say_error
from assistant.cli.terminal import editor, screen
from assistant.cli.terminal.progress import Bar
from assistant.cli.terminal.prompt import Prompt
from assistant.errors import AssistantError, ModelUnavailableError, NotFoundError
from assistant.rendering import best_line, to_terminal

if TYPE_CHECKING:
    from assistant.library import Notes
    from assistant.results import Answer, Result

PROMPT = "ask> "

HELP = "A number shows that result in full, o N opens it in your editor, :q leaves."

SHOW = re.compile(r"\d{1,9}")
OPEN = re.compile(r"o(?: *(\d{1,9}))?")
COMMAND = re.compile(r":\w*")


class Dialogue:
    """Answers questions one after the other, each from the notes as they are then."""

    def __init__(self, notes: Notes, ask: Callable[[str], Answer]) -> None:
        """Begin.

        Args:
            notes: Where the answers are from.
            ask: Answers a question, without a look at what changed since the last.
        """
        self._notes = notes
        self._ask = ask
        self._results: tuple[Result, ...] = ()

    def run(self, prompt: Prompt) -> None:
        """Read and answer until the user leaves.

        Raises:
            ModelUnavailableError: Nothing can be answered.
        """
        say(HELP)
        while True:
            try:
                line = prompt.line(PROMPT).strip()
                if line in (":q", ":quit"):
                    return
                if not COMMAND.fullmatch(line) and not self._is_about_result(line):
                    prompt.keep(line)
                self.respond(line)
            except EOFError:
                typer.echo()
                return
            except KeyboardInterrupt:
                typer.echo()
                self._notes.close()  # it may have been in the middle of opening
            except ModelUnavailableError:
                raise
            except AssistantError as error:
                say_error(error)

    def respond(self, line: str) -> None:
        """Do what a line says.

        Raises:
            AssistantError: It cannot be done.
        """
        if not line:
            return
        if COMMAND.fullmatch(line):
            say(HELP)
        elif SHOW.fullmatch(line):
            self._show(self._result(line))
        elif found := OPEN.fullmatch(line):
            result = self._result(found[1] or "1")
            editor.open_at(result.absolute, best_line(result), self._notes.settings.editor)
        else:
            self._answer(line)

    def _answer(self, question: str) -> None:
        """Answer a question from the notes as they are now."""
        with Bar(sys.stderr) as bar:
            self._notes.refresh(bar)
        answer = self._ask(question)
        self._results = answer.results
        to_terminal(answer, screen.console(self._notes.settings.color))
        typer.echo()

    def _show(self, result: Result) -> None:
        """Print the whole entry of a result."""
        found = self._notes.entry(result.note, best_line(result))
        entries.show_entries([found], screen.console(self._notes.settings.color), paged=True)

    def _result(self, rank: str) -> Result:
        """Return the result of the last answer at a rank.

        Raises:
            NotFoundError: There is none.
        """
        if not 1 <= int(rank) <= len(self._results):
            raise NotFoundError(f"there is no result {int(rank)}", "ask a question, then name one")
        return self._results[int(rank) - 1]

    @staticmethod
    def _is_about_result(line: str) -> bool:
        return not line or bool(SHOW.fullmatch(line) or OPEN.fullmatch(line))
