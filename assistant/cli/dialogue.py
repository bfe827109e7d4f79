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
from assistant.errors import AssistantError, ModelUnavailableError, NotFoundError
from assistant.rendering import best_line, to_terminal
from assistant.results import Answer

if TYPE_CHECKING:
    from assistant.cli.terminal.prompt import Prompt
    from assistant.library import Notes
    from assistant.rendering import answers
    from assistant.results import Result

PROMPT = "ask> "

HELP = (
    "Type a question. A number shows that result in full, more the next ones, o N opens it in your"
    " editor; exit leaves."
)

LEAVE = ("exit", "quit", "bye", "q", ":q", ":quit", ":q!", ":wq", "exit()", "quit()")
"""What leaves."""

ASK_HELP = ("help", "?", "h", ":h", ":help")
"""What is answered by the help."""

MORE = ("more", "m", "n", "next")
"""What shows the next results."""

MORE_AT_ONCE = 3

SHOW = re.compile(r"\d{1,9}")
OPEN = re.compile(r"(?:o|open)(?: *(\d{1,9}))?")
COMMAND = re.compile(r":\w*!?")


FOLLOW_UP_WORDS = 4
"""Words that a question has at most which goes on from the one before."""

FOLLOW_UP_SIGNS = 9
"""Its characters, where it has no spaces between words."""

GOES_ON = re.compile(
    r"(?:and|or|but|then|also|in|on|with|without|for|from|to|as|(?:what|how) (?:about|if))\b"
    r"|那|还有|如果|要是|反过来|另外",
    re.IGNORECASE,
)
"""What such a question begins with."""

POINTS_BACK = re.compile(
    r"\b(?:it|its|them|they|those|these|that|instead|too)\b|呢[？?]?$", re.IGNORECASE
)
"""What else tells it."""


def is_follow_up(question: str) -> bool:
    """Return whether a few words only make sense together with the question before them."""
    words = question.split()
    if len(words) > FOLLOW_UP_WORDS or (len(words) == 1 and len(question) > FOLLOW_UP_SIGNS):
        return False
    return bool(GOES_ON.match(question) or POINTS_BACK.search(question))


class Dialogue:
    """Answers questions one after the other, each from the notes as they are then."""

    def __init__(self, notes: Notes, ask: Callable[[str, int], Answer]) -> None:
        """Begin.

        Args:
            notes: Where the answers are from.
            ask: Answers a question by so many results, 0 for the usual number, without a look at
                what changed since the last.
        """
        self._notes = notes
        self._ask = ask
        self._results: tuple[Result, ...] = ()
        self._question = ""
        """As it was asked last."""
        self._before = ""
        """The last one that stands by itself."""

    def run(self, prompt: Prompt) -> None:
        """Read and answer until the user leaves.

        Raises:
            ModelUnavailableError: Nothing can be answered.
        """
        say(HELP)
        while True:
            try:
                line = prompt.line(PROMPT).strip()
                if line.casefold() in LEAVE:
                    return
                if not self._is_command(line):
                    prompt.keep(line)
                self.respond(line)
            except EOFError:
                typer.echo()
                return
            except KeyboardInterrupt:
                typer.echo()
                self._notes.let_go()  # it may have been in the middle of opening
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
        if line.casefold() in MORE:
            self._show_more()
        elif line.casefold() in ASK_HELP or COMMAND.fullmatch(line):
            say(HELP)
        elif SHOW.fullmatch(line):
            self._show(self._result(line))
        elif found := OPEN.fullmatch(line):
            result = self._result(found[1] or "1")
            editor.open_at(result.absolute, best_line(result), self._notes.settings.editor)
        else:
            self._answer(line)

    def _answer(self, question: str) -> None:
        """Answer a question from the notes as they are now, together with the one before."""
        with Bar(sys.stderr) as bar:
            self._notes.refresh(bar)
        asked = question
        if self._before and is_follow_up(question):
            asked = f"{self._before.rstrip('?？.。! ')} {question}"
            say(f'asked together with the question before: "{asked}"')
        else:
            self._before = question
        answer = self._ask(asked, 0)
        self._question, self._results = asked, answer.results
        self._print(answer, "first")

    def _show_more(self) -> None:
        """List the results after those that were.

        Raises:
            NotFoundError: There is no question yet, or no further result.
        """
        if not self._question:
            raise NotFoundError("there is nothing to show more of", "ask a question first")
        answer = self._ask(self._question, len(self._results) + MORE_AT_ONCE)
        fresh = answer.results[len(self._results) :]
        if not fresh:
            raise NotFoundError("there is no further result", "ask in other words")
        self._results = answer.results
        self._print(Answer(answer.question, answer.verdict, fresh), "each")

    def _print(self, answer: Answer, detail: answers.Detail) -> None:
        settings = self._notes.settings
        link = screen.editor_link(settings)
        to_terminal(answer, screen.console(settings.color), detail, editor_link=link)
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
    def _is_command(line: str) -> bool:
        """Return whether a line is no question, so that no later session offers it."""
        said = line.casefold()
        return (
            not line
            or said in (*MORE, *ASK_HELP)
            or any(form.fullmatch(line) for form in (SHOW, OPEN, COMMAND))
        )
