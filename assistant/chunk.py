"""Markdown to chunks: entries by heading, windows that fit the model. Pure.

Headings and blocks are those of a CommonMark parser, never of regular expressions: a ``# comment``
in a fence is no heading, and a fence opened in a list item ends with the item.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from assistant import admonition
from assistant.records import Chunk, Entry

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

CountPieces = Callable[[Sequence[str]], Sequence[int]]
"""Word pieces of each text, special tokens left out."""

HEADINGS_SHARE = 3
"""The heading path takes at most one third of a window, so that text always has room."""

LEADING_NUMBER = re.compile(r"^\s*\(?\d+(?:\.\d+)*[.)、:]*\s+|^\s*\(?\d+(?:\.\d+)*[.)、]\s*(?=\D)")
"""The ``12.`` or ``3.1)`` that orders headings and says nothing of their subject."""


MATH = {"$$": "$$", "\\[": "\\]"}
"""What opens displayed math at the start of a line, and what closes it at the end of one."""

LONGEST_MATH = 200
"""Lines; what is not closed by then, or by a blank line, is no math."""

LONGEST_HEADING = 200
"""Characters; a longer one, such as a paragraph that a ``---`` underlines, is read as text too."""

SEAMS = (re.compile(r"[.!?;:]\s+|[。！？；]"), re.compile(r"\s+|[，、：]"))
"""What a line that is too long is cut after: sentences, then words."""


@cache
def block_parser() -> MarkdownIt:
    """Return a parser of blocks alone: spans within a line are not needed, and cost most."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "math", _math, ends)
    admonition.plug_in(parser)
    return parser


def _math(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Take displayed math as one block, so that a lone ``=`` or ``-`` in it underlines nothing."""
    opening = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]].rstrip()
    closing = MATH.get(opening[:2])
    if closing is None or state.is_code_block(first):
        return False
    if len(opening) > 3 and opening.endswith(closing):
        last = first
    else:
        for last in range(first + 1, min(end, first + LONGEST_MATH)):
            line = state.src[state.bMarks[last] + state.tShift[last] : state.eMarks[last]]
            if not line or state.sCount[last] < state.blkIndent:
                return False
            if line.rstrip().endswith(closing):
                break
        else:
            return False
    if not silent:
        state.line = last + 1
        state.push("math", "", 0).map = [first, state.line]
    return True


@cache
def inline_parser() -> MarkdownIt:
    """Return a parser of the markup within a heading."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


def plain_heading(source: str) -> str:
    """Return a heading's text without its markup: ``**`torch.cat()`**`` becomes ``torch.cat()``."""
    if not any(mark in source for mark in "*_`[<&\\"):
        return " ".join(source.split())
    (line,) = inline_parser().parseInline(source)
    shown = ("text", "code_inline", "html_inline")
    parts = (
        t.content if t.type in shown else " " * t.type.endswith("break")
        for t in line.children or ()
    )
    return " ".join("".join(parts).split())


def without_number(heading: str) -> str:
    """Return a heading without its leading number, or whole if it is nothing but a number."""
    return LEADING_NUMBER.sub("", heading) or heading


def split_entries(text: str, body_start: int = 0) -> list[Entry]:
    """Split a note at the headings that stand at the top level of its blocks.

    Headings inside lists and quotes belong to the entry around them. A sole first-level heading
    that opens the note is the note's title: it heads an entry, but not the paths of the others.

    Args:
        text: The note, lines ending in a line feed.
        body_start: Offset of the first character after the front matter, at the start of a line.

    Returns:
        Entries in order; every non-blank line of the body lies in exactly one.
    """
    skipped_lines = text.count("\n", 0, body_start)
    tokens = block_parser().parse(text[body_start:])
    offsets = [body_start, *(match.end() for match in re.finditer("\n", text[body_start:]))]
    offsets[1:] = [body_start + offset for offset in offsets[1:]]
    offsets.append(len(text))
    blocks = [
        (t.map[0], t.level) for t in tokens if t.map and t.nesting >= 0 and t.type != "inline"
    ]
    blocks = sorted(dict(reversed(blocks)).items())
    block_lines = [line for line, _ in blocks]
    entries = []
    for headings, line, body_line, end_line in _sections(tokens, len(offsets) - 1):
        source = text[offsets[line] : offsets[end_line]].rstrip()
        lead = len(source) - len(source.lstrip("\n"))
        if not source.strip():
            continue
        inside = blocks[bisect_left(block_lines, line) : bisect_left(block_lines, end_line)]
        entries.append(
            Entry(
                headings=headings,
                first_line=skipped_lines + line + lead + 1,
                text=source[lead:],
                body=_body_start(
                    headings, source[lead:], offsets[body_line] - offsets[line] - lead
                ),
                blocks=tuple((at - line - lead, level) for at, level in inside),
            )
        )
    return entries


def _body_start(headings: Sequence[str], text: str, after_heading: int) -> int:
    """Return where the text of an entry begins that its headings do not say."""
    if headings and len(headings[-1]) > LONGEST_HEADING:
        return 0
    return max(0, min(after_heading, len(text)))


def _sections(
    tokens: Sequence[Token], lines: int
) -> Iterator[tuple[tuple[str, ...], int, int, int]]:
    """Yield (heading path, first line, line after the heading, line after the section)."""
    found = [
        (int(token.tag[1]), plain_heading(tokens[i + 1].content), *(token.map or (0, 0)))
        for i, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0
    ]
    levels = [level for level, *_ in found]
    titled = bool(found) and levels[0] == 1 and levels.count(1) == 1
    yield (), 0, 0, found[0][2] if found else lines
    path: list[tuple[int, str]] = []
    for i, (level, heading, line, body_line) in enumerate(found):
        path = [(above, name) for above, name in path if above < level]
        end_line = found[i + 1][2] if i + 1 < len(found) else lines
        names = [name for _, name in path if name] + [heading] * bool(heading)
        yield tuple(names), line, body_line, end_line
        if not (titled and i == 0):
            path.append((level, heading))


def heading_context(headings: Sequence[str], count: CountPieces, budget: int) -> str:
    """Return the heading path as the line that opens each window's embedded text.

    Args:
        headings: Outermost first.
        count: Word pieces of texts.
        budget: Word pieces that it may take; outer headings are dropped first, then words.
    """
    names = [without_number(heading) for heading in headings]
    while len(names) > 1 and count([" > ".join(names)])[0] > budget:
        del names[0]
    line = " > ".join(names)[: 16 * budget]
    while line and count([line])[0] > budget:
        line = line[: len(line) * 3 // 4].rstrip()
    return line


def embedded_text(context: str, body: str) -> str:
    """Return what the encoder reads for a window: its heading path, then its text."""
    body = body.strip("\n")
    return f"{context}\n{body}" if context and body else context or body


def split_windows(entry: Entry, count: CountPieces, size: int, context_pieces: int) -> list[Chunk]:
    """Cut an entry into windows that fit the model.

    Cuts fall between blocks where they can; a block that alone is too long is cut between the
    blocks inside it, then between lines, a line after sentences, then after words.

    Args:
        entry: The entry.
        count: Word pieces of texts.
        size: Word pieces of a window at most, the heading path included.
        context_pieces: Word pieces of the heading path.

    Returns:
        Windows in order, without gaps but for blank lines.
    """
    budget = max(1, size - context_pieces)
    lines = entry.text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    first = entry.text.count("\n", 0, entry.body)
    pieces = [0] * first + list(count(lines[first:]))
    total = [0, *accumulate(pieces)]
    atoms: list[tuple[int, int, int]] = []  # start, end, word pieces
    for begin, end in _fitting(entry.blocks, total, 0, len(lines), budget):
        if end - begin == 1 and pieces[begin] > budget:
            atoms += _split_line(lines[begin], starts[begin], count, budget, SEAMS)
        else:
            atoms.append((starts[begin], starts[end], total[end] - total[begin]))
    return _pack(entry.text, atoms, budget)


def _fitting(
    blocks: Sequence[tuple[int, int]], total: Sequence[int], begin: int, end: int, budget: int
) -> Iterator[tuple[int, int]]:
    """Yield line ranges within the budget, cut at the outermost blocks, else at lines."""
    if total[end] - total[begin] <= budget:
        yield begin, end
        return
    inside = blocks[bisect_right(blocks, (begin, 1 << 30)) : bisect_left(blocks, (end, -1))]
    depth = min((level for _, level in inside), default=None)
    if depth is None:
        yield from ((line, line + 1) for line in range(begin, end))
        return
    cuts = [begin, *(line for line, level in inside if level == depth), end]
    for low, high in pairwise(cuts):
        yield from _fitting(blocks, total, low, high, budget)


def _split_line(
    line: str, offset: int, count: CountPieces, budget: int, seams: Sequence[re.Pattern[str]]
) -> Iterator[tuple[int, int, int]]:
    """Yield parts of one long line within the budget, cut after the first seams that serve."""
    if not seams:
        yield from _split_run(line, offset, count, budget, 4 * budget)
        return
    ends = [match.end() for match in seams[0].finditer(line)]
    cuts = sorted({0, *ends, len(line)})
    sizes = count([line[low:high] for low, high in pairwise(cuts)])
    for (low, high), pieces in zip(pairwise(cuts), sizes, strict=True):
        if pieces <= budget:
            yield offset + low, offset + high, pieces
        else:
            yield from _split_line(line[low:high], offset + low, count, budget, seams[1:])


def _split_run(
    run: str, offset: int, count: CountPieces, budget: int, step: int
) -> Iterator[tuple[int, int, int]]:
    """Yield parts of characters without a seam, each of them filling a window by itself.

    Joined again, the parts of a word may have more word pieces than they have apart.
    """
    parts = [(low, min(low + step, len(run))) for low in range(0, len(run), step)]
    sizes = count([run[low:high] for low, high in parts])
    for (low, high), pieces in zip(parts, sizes, strict=True):
        if pieces <= budget or step == 1:
            yield offset + low, offset + high, budget
        else:
            yield from _split_run(run[low:high], offset + low, count, budget, step // 2)


def _pack(text: str, atoms: Sequence[tuple[int, int, int]], budget: int) -> list[Chunk]:
    """Join neighbouring atoms into windows of at most ``budget`` word pieces."""
    windows: list[Chunk] = []
    filled = budget + 1
    for start, end, pieces in atoms:
        if filled + pieces > budget:
            windows.append(Chunk(start, end))
            filled = pieces
        else:
            windows[-1] = Chunk(windows[-1].start, end)
            filled += pieces
    trimmed = (_trim(text, window) for window in windows)
    return [window for window in trimmed if window.start < window.end]


def _trim(text: str, window: Chunk) -> Chunk:
    """Return a window without the blank lines at its ends."""
    end = window.start + len(text[window.start : window.end].rstrip())
    inner = text[window.start : end]
    blank = re.match(r"(?:[^\S\n]*\n)*", inner)
    return Chunk(window.start + (blank.end() if blank else 0), end)
