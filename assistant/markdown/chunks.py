"""Entries to chunks that fit the model. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise

from assistant.markdown.dialects import encoded_data
from assistant.markdown.leaf_blocks import line_starts
from assistant.records import Chunk, Entry

CountPieces = Callable[[Sequence[str]], Sequence[int]]
"""Word pieces of each text, special tokens left out."""

CHUNK_PIECES = 200
"""Word pieces of a chunk at most, the heading path included, unless the model reads fewer."""

HEADINGS_SHARE = 3
"""The heading path takes at most one third of a chunk, so that text always has room."""

LIST_NUMBER = re.compile(r"^\s*\(?\d{1,3}(?:\.\d{1,3})*[.)、]\s*(?=\D)")
"""The ``12.`` or ``3.1)`` that orders headings and says nothing of their subject. A number without
a sign behind it, such as that of ``502 Bad Gateway``, is the subject, and so is a year."""


SEAMS = (re.compile(r"[.!?;:]\s+|[。！？；]"), re.compile(r"\s+|[，、：]"))
"""What a line that is too long is cut after: sentences, then words."""


def without_number(heading: str) -> str:
    """Return a heading without the number that orders it, or whole if it is nothing else."""
    return LIST_NUMBER.sub("", heading) or heading


def heading_context(headings: Sequence[str], count: CountPieces, budget: int) -> str:
    """Return the heading path as the line that opens each chunk's embedded text.

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
    """Return what the encoder reads for a chunk: its heading path, then its text."""
    body = body.strip("\n")
    return f"{context}\n{body}" if context and body else context or body


def counted_lines(entry: Entry) -> list[str]:
    """Return the lines of an entry below its heading, as their word pieces are counted."""
    # Data is read as nothing, and so takes no room.
    return encoded_data.blanked(entry.text).split("\n")[entry.text.count("\n", 0, entry.body) :]


def split_chunks(entry: Entry, count: CountPieces, size: int, context_pieces: int) -> list[Chunk]:
    """Cut an entry into chunks that fit the model.

    Cuts fall between blocks where they can; a block that alone is too long is cut between the
    blocks inside it, then between lines, a line after sentences, then after words.

    Args:
        entry: The entry.
        count: Word pieces of texts.
        size: Word pieces of a chunk at most, the heading path included.
        context_pieces: Word pieces of the heading path.

    Returns:
        Chunks in order, without gaps but for blank lines.
    """
    budget = max(1, size - context_pieces)
    counted = counted_lines(entry)
    starts = line_starts(entry.text)
    first = entry.text.count("\n", 0, entry.body)
    lines = [""] * first + counted
    pieces = [0] * first + list(count(counted))
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
    """Yield parts of characters without a seam, each of them filling a chunk by itself.

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
    """Join neighbouring atoms into chunks of at most ``budget`` word pieces."""
    chunks: list[Chunk] = []
    filled = budget + 1
    for start, end, pieces in atoms:
        if filled + pieces > budget:
            chunks.append(Chunk(start, end))
            filled = pieces
        else:
            chunks[-1] = Chunk(chunks[-1].start, end)
            filled += pieces
    trimmed = (_trim(text, chunk) for chunk in chunks)
    return [chunk for chunk in trimmed if chunk.start < chunk.end]


def _trim(text: str, chunk: Chunk) -> Chunk:
    """Return a chunk without the blank lines at its ends."""
    end = chunk.start + len(text[chunk.start : chunk.end].rstrip())
    inner = text[chunk.start : end]
    blank = re.match(r"(?:[^\S\n]*\n)*", inner)
    return Chunk(chunk.start + (blank.end() if blank else 0), end)
