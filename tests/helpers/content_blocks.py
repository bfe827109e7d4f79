"""Read the notes of ``content/`` into entries and fenced blocks, without running anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

NO_RUN = "no-run:"
"""What follows ``python`` in the info string of a block that cannot run, before the reason."""

FRONT_MATTER = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of an entry."""

    info: str
    """The whole info string, such as ``python no-run: needs a GPU``."""
    text: str
    line: int
    """Line of the opening fence in the note, from 1."""
    expected: str | None = None
    """Text of the ``screen`` fence that follows, for a ``python`` block that has one."""

    @property
    def language(self) -> str:
        """The first word of the info string, empty when there is none."""
        return self.info.partition(" ")[0]

    @property
    def no_run(self) -> str | None:
        """Why the block cannot run; None when it runs."""
        rest = self.info.partition(" ")[2]
        return rest.removeprefix(NO_RUN).strip() if rest.startswith(NO_RUN) else None

    @property
    def runs(self) -> bool:
        """Whether the block is Python that runs here."""
        return self.language == "python" and self.no_run is None


@dataclass(frozen=True, slots=True)
class ContentEntry:
    """A heading at a note's top level, with all that follows it up to the next one."""

    note: str
    """File name of the note."""
    heading: str
    """Text of the heading as it is written, markup included."""
    level: int
    """1 for ``#``, 2 for ``##`` and so on."""
    line: int
    """Line of the heading in the note, from 1."""
    prose: str
    """Paragraphs, list items and table cells, without code and without the heading."""
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """The note and the heading, as test ids and messages show them."""
        return f"{self.note}::{self.heading}"

    @property
    def han_share(self) -> float:
        """Han characters as a share of all letters in the prose; code does not count."""
        letters = sum(character.isalpha() for character in self.prose)
        return len(HAN.findall(self.prose)) / letters if letters else 0.0

    @property
    def is_chinese(self) -> bool:
        """Whether the heading has Han characters and so does most of the prose."""
        return bool(HAN.search(self.heading)) and self.han_share >= 0.5

    @property
    def is_mixed(self) -> bool:
        """Whether Chinese and English meet: in the prose, or Chinese under an English heading."""
        return self.han_share >= 0.1 and not self.is_chinese


def front_matter(text: str) -> str:
    """Return the YAML between the two ``---`` lines at the start, empty when there is none."""
    match = FRONT_MATTER.match(text)
    return match.group(1) if match else ""


def read_entries(note: str, text: str) -> list[ContentEntry]:
    """Return the entries of a note in order; text before the first heading is in none."""
    matter = FRONT_MATTER.match(text)
    start = matter.end() if matter else 0
    skipped = text.count("\n", 0, start)
    tokens = MarkdownIt("commonmark").enable("table").parse(text[start:])
    starts = [i for i, t in enumerate(tokens) if t.type == "heading_open" and t.level == 0]
    ends = [*starts[1:], len(tokens)]
    return [_entry(note, tokens[i:j], skipped) for i, j in zip(starts, ends, strict=True)]


def stray_outputs(entries: Sequence[ContentEntry]) -> list[str]:
    """Name the ``screen`` fences that no ``python`` block stands before."""
    return [
        f"{entry.note}:{block.line}"
        for entry in entries
        for block in entry.blocks
        if block.language == "output"
    ]


def _entry(note: str, tokens: Sequence[Token], skipped: int) -> ContentEntry:
    """Build the entry whose tokens begin with its heading."""
    return ContentEntry(
        note=note,
        heading=tokens[1].content,
        level=int(tokens[0].tag[1:]),
        line=_line(tokens[0], skipped),
        prose="\n".join(_prose(tokens[3:])),
        blocks=tuple(_blocks(tokens[3:], skipped)),
    )


def _prose(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the words of each inline run, leaving out code spans."""
    for token in tokens:
        if token.type == "inline":
            yield "".join(t.content for t in token.children or () if t.type == "text")


def _blocks(tokens: Sequence[Token], skipped: int) -> Iterator[Block]:
    """Yield the fences, each ``screen`` joined to the ``python`` block it belongs to."""
    pending: Block | None = None
    sentences = 0
    for token in tokens:
        if token.type == "inline":
            sentences += 1
        if token.type != "fence":
            continue
        block = Block(token.info.strip(), token.content, _line(token, skipped))
        if block.language == "output" and pending is not None and sentences <= 1:
            yield Block(pending.info, pending.text, pending.line, expected=block.text)
            pending = None
            continue
        if pending is not None:
            yield pending
        pending, sentences = (block, 0) if block.language == "python" else (None, 0)
        if pending is None:
            yield block
    if pending is not None:
        yield pending


def _line(token: Token, skipped: int) -> int:
    """Return the first line of a block token in the whole note, from 1."""
    assert token.map is not None  # every block token carries its lines
    return token.map[0] + 1 + skipped
