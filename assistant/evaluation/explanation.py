"""Why a note was not the answer to a question: skipped, unknown, or beaten, and by what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from assistant.answering import answer, arrangement
from assistant.evaluation.runner import Found, chunk_of
from assistant.indexing import freshness
from assistant.notes import below
from assistant.records import StoredNote
from assistant.results import VERDICT_WORDS, Verdict
from assistant.search import Candidate, Query, Searcher, best_of_entries, locate
from assistant.text import json_line, place, printable_line

MOST_ABOVE = 3
"""Better results that are compared."""

NOTABLE = 0.01
"""Smaller differences of a cosine are not worth a word."""

State = Literal["skipped", "newer", "indexed"]


@dataclass(frozen=True, slots=True)
class RankedChunk:
    """A chunk, and what each search makes of it."""

    rank: int
    """Of its entry among the results, from 1."""
    place: Found
    dense_rank: int | None
    cosine: float
    late: float | None
    """By late interaction; None where the index keeps no token states."""
    lexical_rank: int | None
    bm25: float
    has: tuple[str, ...]
    """Terms of the question that stand in it or in its headings."""
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of a note for one question."""

    question: str
    note: str
    state: State
    reason: str = ""
    """Why it was skipped, or is not in the index yet."""
    verdict: Verdict = "none"
    entries: int = 0
    """Entries that were ranked."""
    nearest: RankedChunk | None = None
    """None when neither search reached the note, or it is not in the index."""
    above: tuple[RankedChunk, ...] = ()
    """The results before it, best first."""


def explain(searcher: Searcher, wanted: str, question: str) -> Explanation:
    """Explain where a note, or the entry at a line of it, comes for a question.

    Args:
        searcher: The index.
        wanted: ``NOTE`` or ``NOTE:LINE``; the note by its path in the index or on the disk.
        question: As the user would ask it.

    Raises:
        UsageError: The question is empty, or several notes are called so.
        NotFoundError: There is no such note or line.
    """
    verdict = answer.ask(searcher, question, 1).verdict
    note, line = _resolve(searcher, wanted)
    if isinstance(note, Explanation):
        return Explanation(question, note.note, note.state, note.reason, verdict)
    entry = locate.entry(searcher.snapshot, note, line).row if line else None
    query = searcher.prepare(question)
    best = _deep(searcher, query)
    at = next(
        (
            i
            for i, candidate in enumerate(best)
            if candidate.place.note == note.row and entry in (None, candidate.place.entry)
        ),
        None,
    )
    if at is None:
        return Explanation(question, note.path, "indexed", "", verdict, len(best))
    shown = [*range(min(at, MOST_ABOVE)), at]
    has = _matching(searcher, query.terms, [best[i].chunk for i in shown])
    chunks = [_ranked(searcher, best[i], i + 1, query.terms, has) for i in shown]
    return Explanation(
        question, note.path, "indexed", "", verdict, len(best), chunks[-1], tuple(chunks[:-1])
    )


def _deep(searcher: Searcher, query: Query) -> list[Candidate]:
    """Return the best candidate of every entry, in the order in which ``ask`` would show them.

    What ``ask`` looks at comes first, in its order; the rest follows by a search of all chunks.
    """
    everything = max(1, searcher.snapshot.manifest.chunks)
    deep = {c.chunk: c for c in searcher.rank(query, pool=everything)}
    shown = arrangement.arranged(searcher.snapshot, searcher.rank(query))
    shallow = [one.candidate.chunk for one in shown]
    chunks = dict.fromkeys([*(row for row in shallow if row in deep), *deep])
    return best_of_entries(deep[chunk] for chunk in chunks)


def _resolve(searcher: Searcher, wanted: str) -> tuple[StoredNote | Explanation, int]:
    """Return the note and the line, 0 for none; what is not in the index comes explained.

    Raises:
        NotFoundError: Nothing is called so.
    """
    for name, line in locate.readings(wanted):
        found = locate.note(searcher.snapshot, name) or _left_out(searcher, name)
        if found:
            return found, line
    raise locate.unknown(searcher.snapshot, wanted)


def _left_out(searcher: Searcher, name: str) -> Explanation | None:
    """Return why a note that is there is not in the index; None when there is none."""
    manifest = searcher.snapshot.manifest
    there = locate.on_disk(name)
    names = {name, *(below(source, there) for source in manifest.sources if there)} - {""}
    for item in manifest.skipped:
        folder = item.path.endswith("/")
        if item.path in names or (folder and any(n.startswith(item.path) for n in names)):
            return Explanation("", item.path, "skipped", item.reason)
    sources = manifest.named(searcher.snapshot.folder).sources
    for file in freshness.since_build(searcher.snapshot, sources).newer:
        if file.path in names:
            return Explanation("", file.path, "newer", "it is newer than the index")
    return None


def _matching(
    searcher: Searcher, terms: Sequence[str], chunks: Sequence[int]
) -> dict[int, list[str]]:
    """Return the terms that each chunk holds, stems being equal as in the lexical search."""
    found: dict[int, list[str]] = {chunk: [] for chunk in chunks}
    for term in terms:
        for chunk, _ in searcher.snapshot.engine.search_terms([term], len(chunks), chunks):
            found[chunk].append(term)
    return found


def _ranked(
    searcher: Searcher,
    candidate: Candidate,
    rank: int,
    terms: Sequence[str],
    matching: dict[int, list[str]],
) -> RankedChunk:
    has = matching[candidate.chunk]
    return RankedChunk(
        rank,
        chunk_of(searcher, candidate),
        candidate.dense_rank,
        candidate.cosine,
        candidate.late,
        candidate.lexical_rank,
        candidate.bm25,
        tuple(has),
        tuple(term for term in terms if term not in has),
    )


def to_json(found: Explanation) -> str:
    """Return an explanation as one line of JSON."""
    return json_line(asdict(found))


def to_text(found: Explanation) -> str:
    """Return an explanation in plain words."""
    return "\n".join(printable_line(line) for line in _lines(found))


def _lines(found: Explanation) -> list[str]:
    nearest = found.nearest
    if found.state == "skipped":
        return [f"{found.note} is not in the index: it was skipped, {found.reason}."]
    if found.state == "newer":
        return [f"{found.note} is not in the index: {found.reason}. `assistant build` takes it in."]
    if nearest is None:
        return [f"{found.note} is in the index, but neither search reached it."]
    first = nearest.rank == 1
    lines = [
        f"The assistant says that {VERDICT_WORDS[found.verdict]}.",
        "",
        f"{_place(nearest)}",
        "came first." if first else f"came at rank {nearest.rank:,} of {found.entries:,} entries.",
        f"  meaning  {_meaning(nearest)}",
        f"  words    {_words(nearest)}",
    ]
    if nearest.lacks and nearest.has:
        lines.append(f"  lacks    {', '.join(nearest.lacks)}")
    if found.above:
        lines += ["", "Before it:"]
    for chunk in found.above:
        lines += [f"{chunk.rank}. {_place(chunk)}", f"   {_more(chunk, nearest)}"]
    return lines


def _place(chunk: RankedChunk) -> str:
    return place(chunk.place.note, chunk.place.lines, chunk.place.headings)


def _meaning(chunk: RankedChunk) -> str:
    rank = f"rank {chunk.dense_rank:,} among chunks, " if chunk.dense_rank else ""
    late = "" if chunk.late is None else f", word by word {chunk.late:.2f}"
    return f"{rank}cosine {chunk.cosine:.2f}{late}"


def _words(chunk: RankedChunk) -> str:
    if not chunk.has:
        return "no word of the question stands in it"
    rank = f"rank {chunk.lexical_rank:,} among chunks, " if chunk.lexical_rank else ""
    return f"{rank}has {', '.join(chunk.has)}"


def _more(chunk: RankedChunk, nearest: RankedChunk) -> str:
    """Return what speaks for a better result and not for the chunk in question."""
    reasons = list(_advantages(chunk, nearest))
    return "; ".join(reasons) if reasons else "slightly ahead, by all searches together"


def _advantages(chunk: RankedChunk, nearest: RankedChunk) -> Iterable[str]:
    if chunk.cosine - nearest.cosine >= NOTABLE:
        yield f"closer in meaning: cosine {chunk.cosine:.2f} to {nearest.cosine:.2f}"
    if chunk.late is not None and chunk.late - (nearest.late or 0.0) >= NOTABLE:
        yield f"closer word by word: {chunk.late:.2f} to {nearest.late or 0.0:.2f}"
    more = [term for term in chunk.has if term not in nearest.has]
    if more:
        yield f"has also {', '.join(more)}"
    elif chunk.bm25 - nearest.bm25 >= 10 * NOTABLE:
        yield f"its words weigh more: BM25 {chunk.bm25:.1f} to {nearest.bm25:.1f}"
