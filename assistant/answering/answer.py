"""A question to its answer: the ranked chunks become passages, with a verdict on them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.answering import (
    arrangement,
    best_sentence,
    excerpt,
    grounding,
    question_words,
    snippet,
    specifics,
    verdict,
)
from assistant.answering.arrangement import Shown
from assistant.answering.features import Features, Measurer, matcher
from assistant.answering.grounding import Grounds
from assistant.embedding import maxsim
from assistant.errors import UsageError
from assistant.language import analyzer
from assistant.markdown import code_blocks, plain_text
from assistant.records import Span, StoredEntry
from assistant.results import Answer, Result
from assistant.search import Candidate, Query, Searcher


def ask(
    searcher: Searcher,
    question: str,
    count: int = 5,
    *,
    why: bool = False,
    among: Sequence[int] | None = None,
) -> Answer:
    """Answer a question.

    Args:
        searcher: An open index.
        question: As the user wrote it.
        count: Results at most.
        why: Say of the verdict and of each result what speaks for it.
        among: The only chunks to consider; None for all; see ``filters``.

    Raises:
        UsageError: The question is empty.
        IndexUnusableError: The index is damaged, or was built with another model.
        ModelUnavailableError: The model cannot be opened.
    """
    if not question.strip():
        raise UsageError("the question is empty", 'ask something: assistant ask "how do I ..."')
    query = searcher.prepare(question)
    ranked = searcher.rank(query, among)
    shown = arrangement.arranged(searcher.snapshot, ranked)
    empty = {one.candidate.place.entry for one in shown if one.is_empty}
    telling = [candidate for candidate in ranked if candidate.place.entry not in empty]
    features = features_of(searcher, query, telling or ranked)
    general = verdict.verdict(_probability(searcher, features))
    grounds = grounds_of(searcher, query, shown[0], features) if shown else None
    judged = grounding.judged(general, grounds) if grounds else general
    most = grounding.MOST_SURE[judged]
    results = _results(searcher, query, ranked, shown[:count], features, most)
    if why:
        results = _explained(searcher, query.question, results, shown, features)
    return Answer(
        query.question,
        judged,
        results,
        searched_for=query.repaired if query.repaired != query.question else "",
        lacking=grounds.lacking if grounds and judged != "found" else (),
        unknown=_unknown(query, features, grounds) if judged == "none" else (),
    )


def _unknown(query: Query, features: Features, grounds: Grounds | None) -> tuple[str, ...]:
    """Return what of a question the notes do not have, a date as it is written being one thing."""
    asked = [query.question[begin:end] for begin, end in query.wording.dates.spans]
    words = (word for word in features.unknown if not any(word in date for date in asked))
    return (*(asked if grounds is None or grounds.of_another_date else ()), *words)


def grounds_of(searcher: Searcher, query: Query, first: Shown, features: Features) -> Grounds:
    """Return what speaks for the passage that is shown first.

    Args:
        searcher: The index.
        query: The question.
        first: From ``arrangement``.
        features: From ``features_of``.
    """
    best = first.candidate
    entry = searcher.snapshot.entry(best.place.entry).entry
    (note,) = searcher.snapshot.notes([best.place.note])
    texts = (entry.text, *entry.headings, *note.names)
    asked = query.wording.dates
    return Grounds(
        covered=best.signs.covered,
        known=features.known,
        matched=features.matched,
        late=best.late,
        cosine=best.cosine,
        named=best.signs.named,
        unread=query.unread,
        asks_date=bool(asked.days),
        is_dated=bool(best.signs.dated) or asked.stands_in(entry.text),
        is_empty=first.is_empty or first.before_empty,
        lacking=specifics.lacking(specifics.specifics(query.question, asked.spans), texts),
    )


def features_of(searcher: Searcher, query: Query, ranked: Sequence[Candidate]) -> Features:
    """Return what the verdict on a question rests on.

    The question counts as it was written: a word that had to be repaired is one that the notes do
    not know, which tells against them.
    """
    near = sorted(
        ((c.chunk, c.cosine) for c in ranked if c.dense_rank is not None),
        key=lambda item: (-item[1], item[0]),
    )
    entries = {c.chunk: c.place.entry for c in ranked}
    matches = matcher(searcher.snapshot, query.asked)
    measurer = Measurer(searcher.snapshot, searcher.snapshot.manifest.chunks)
    return measurer.features(query.glossed, near, entries, matches=matches, pieces=query.spans)


def _probability(searcher: Searcher, features: Features) -> float:
    calibration = searcher.snapshot.manifest.calibration
    return verdict.probability(features, calibration) if calibration else verdict.EVEN_ODDS


def _results(
    searcher: Searcher,
    query: Query,
    ranked: Sequence[Candidate],
    shown: Sequence[Shown],
    features: Features,
    most: float,
) -> tuple[Result, ...]:
    """Return the entries that are shown as results, none of them surer than ``most``."""
    scores = {candidate.chunk: candidate.score for candidate in ranked}
    results: list[Result] = []
    sure = most
    rows = {row for one in shown for row in (one.candidate.place.note, *one.also)}
    notes = {note.row: note for note in searcher.snapshot.notes(rows)}
    for rank, one in enumerate(shown, 1):
        candidate = one.candidate
        own = replace(features, similarity=candidate.cosine)
        sure = min(sure, _probability(searcher, own))
        stored = searcher.snapshot.entry(candidate.place.entry)
        result = _result(searcher, query, stored, scores, rank, sure)
        note = notes[candidate.place.note]
        also = tuple(notes[row].path for row in one.also)
        results.append(replace(result, date=note.date, date_from=note.date_from, also=also))
    return tuple(results)


def _result(
    searcher: Searcher,
    query: Query,
    stored: StoredEntry,
    scores: dict[int, float],
    rank: int,
    sure: float,
) -> Result:
    """Return one entry as a result: its passage, best sentence and code."""
    entry = stored.entry
    chunks = [chunk for _, chunk in stored.chunks]
    found = [scores.get(row, 0.0) for row, _ in stored.chunks]
    start, end = snippet.passage(entry, chunks, found, query.marks, snippet.limit(rank))
    spans, shares = piece_shares(searcher, query, stored, (start, end))
    worth = best_sentence.weighed(entry.text, (start, end), query.marks, spans, shares)
    best = max(worth, key=worth.__getitem__, default=(start, end))
    parts = excerpt.parts(entry.text, (start, end), best, worth, query.question)
    return Result(
        rank=rank,
        score=sure,
        note=stored.file.path,
        absolute=stored.file.absolute,
        headings=entry.headings,
        lines=entry.lines_of(start, end),
        snippet=entry.text[start:end],
        highlight=(best[0] - start, best[1] - start),
        code=code_blocks(entry, best),
        parts=tuple(tuple((a - start, b - start) for a, b in part) for part in parts),
    )


def piece_shares(
    searcher: Searcher, query: Query, stored: StoredEntry, within: Span
) -> tuple[list[Span], list[float]]:
    """Return where the word pieces of a passage stand, and the share of each in the cosine.

    The shares come from the kept token states, so that no text is encoded again. There are none
    without late interaction, nor for chunks with Chinese, whose pieces are those of its gloss.
    """
    entry = stored.entry
    rows = [
        row for row, chunk in stored.chunks if chunk.end > within[0] and chunk.start < within[1]
    ]
    states = searcher.snapshot.states(rows)
    spans: list[Span] = []
    shares: list[float] = []
    for row, chunk in stored.chunks:
        start = max(chunk.start, entry.body)
        body = entry.text[start : chunk.end]
        if row not in states or analyzer.HAN_RUN.search(body):
            continue
        read = plain_text.reading(entry.text, start, chunk.end)
        pieces = searcher.encoder.piece_spans(read.text)
        found = maxsim.shares(query.pieces, states[row])
        if not 0 < len(pieces) <= len(found):
            continue  # cut to what the model reads
        # The heading path stands before the body, so the body's pieces are the last ones.
        shares += found[-len(pieces) :].tolist()
        spans += [read.source(piece) for piece in pieces]
    return spans, shares


def _explained(
    searcher: Searcher,
    question: str,
    results: Sequence[Result],
    shown: Sequence[Shown],
    features: Features,
) -> tuple[Result, ...]:
    """Return results with what speaks for each, and for the verdict with the first."""
    calibration = searcher.snapshot.manifest.calibration
    general = verdict.reasons(features, calibration) if calibration else []
    near = [verdict.nearness(features, calibration)] if calibration else []
    told = []
    for result, one in zip(results, shown, strict=False):
        first = result.rank == 1
        own = (*(general if first else ()), *_reasons(one.candidate))
        words = question_words.places(
            question, result.headings, result.snippet, features.unknown, tell_unknown=first
        )
        told.append(replace(result, why=own, reasons=(*words, *(near if first else ()))))
    return tuple(told)


def _reasons(candidate: Candidate) -> list[str]:
    """Return what the searches say of a chunk, in words."""
    found = [f"meaning: cosine {candidate.cosine:.2f}" + _at(candidate.dense_rank)]
    if candidate.late is not None:
        found.append(f"word by word: {candidate.late:.2f} of 1")
    if candidate.bm25:
        found.append(f"words in common: {candidate.bm25:.1f}" + _at(candidate.lexical_rank))
    else:
        found.append("words in common: none that tell")
    return found


def _at(rank: int | None) -> str:
    return f", number {rank} of that search" if rank else ""
