"""A question to its answer: the ranked chunks become passages, with a verdict on them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from assistant.answering import (
    arrangement,
    best_sentence,
    excerpt,
    question_words,
    snippet,
    verdict,
)
from assistant.answering.arrangement import Shown
from assistant.answering.best_sentence import Asked, Pieces
from assistant.answering.features import Features, Measurer, matcher
from assistant.answering.judge import Judge, judge_of
from assistant.answering.judging import Grounds, Match, grounding, likelihood, specifics
from assistant.embedding import Vectors, maxsim
from assistant.errors import UsageError
from assistant.language import analyzer
from assistant.markdown import code_blocks, plain_text
from assistant.records import Span, StoredEntry
from assistant.results import Answer, Result, Verdict
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
    judge = judge_of(searcher, query, shown)
    features = features_of(searcher, query, telling or ranked, by_words=judge.by_words)
    grounds = [grounds_of(searcher, query, one, features) for one in shown[: max(count, 1)]]
    if judge.is_usual:
        own = [likelihood.probability(m) for m in matches_of(searcher, ranked, shown, grounds)]
    else:
        own = [judge.probability(judge.of(features, one.candidate)) for one in shown[:count]]
    judged = _judged(searcher, judge, features, grounds, own)
    sure = accumulate(own[:count], min, initial=grounding.MOST_SURE[judged])
    results = _results(searcher, query, ranked, shown[:count], list(sure)[1:])
    if why:
        results = _explained(query.question, results, shown, features, judge)
    return Answer(
        query.question,
        judged,
        results,
        searched_for=query.repaired if query.repaired != query.question else "",
        lacking=grounds[0].lacking if grounds and judged != "found" else (),
        unknown=_unknown(query, features, grounds) if judged == "none" and judge.words_tell else (),
        read=searcher.snapshot.manifest.share_read,
        language=query.language,
        read_by=query.by,
        hindered=judge.hindered,
    )


def _judged(
    searcher: Searcher,
    judge: Judge,
    features: Features,
    grounds: Sequence[Grounds],
    own: Sequence[float],
) -> Verdict:
    """Return the verdict on what would be shown first."""
    if not grounds:
        return judge.verdict(features)
    if not judge.is_usual:
        return grounding.careful(judge.verdict(features), grounds[0])
    chunks = searcher.snapshot.manifest.chunks
    found = grounding.judged(judge.probability(features), own[0], chunks, grounds[0])
    return "weak" if judge.hindered and found == "found" else found


def _unknown(query: Query, features: Features, grounds: Sequence[Grounds]) -> tuple[str, ...]:
    """Return what of a question the notes do not have, a date as it is written being one thing."""
    asked = [query.question[begin:end] for begin, end in query.wording.dates.spans]
    words = (word for word in features.unknown if not any(word in date for date in asked))
    return (*(asked if not grounds or grounds[0].of_another_date else ()), *words)


def matches_of(
    searcher: Searcher,
    ranked: Sequence[Candidate],
    shown: Sequence[Shown],
    grounds: Sequence[Grounds],
) -> list[Match]:
    """Return what each of the first results has of its own.

    Args:
        searcher: The index.
        ranked: All chunks that the question found.
        shown: From ``arrangement``.
        grounds: Of the first of these, as many as are wanted.
    """
    most = max(len(grounds), likelihood.RIVALS)
    scores = [one.candidate.score for one in shown[:most]]
    lates = [one.candidate.late for one in shown[:most] if one.candidate.late is not None]
    pool = [candidate.late for candidate in ranked if candidate.late is not None]
    usual = float(np.median(pool)) if pool else 0.0
    has_late = len(lates) == len(scores)
    matches = []
    for at, (one, own) in enumerate(zip(shown, grounds, strict=False)):
        signs = one.candidate.signs
        matches.append(
            Match(
                lead=likelihood.lead(scores, at, likelihood.MOST_LEAD),
                late_lead=likelihood.lead(lates, at, likelihood.MOST_LATE_LEAD)
                if has_late
                else None,
                late_above=lates[at] - usual if has_late else None,
                cosine=one.candidate.cosine,
                covered=signs.covered,
                known=own.known,
                to_letter=max(signs.dated, signs.numbered, signs.signed),
                is_lacking=bool(own.lacking),
                of_another_date=own.of_another_date,
                is_opposite=own.is_opposite,
                is_first=at == 0,
                chunks=searcher.snapshot.manifest.chunks,
            )
        )
    return matches


def grounds_of(searcher: Searcher, query: Query, shown: Shown, features: Features) -> Grounds:
    """Return what speaks for a passage.

    Args:
        searcher: The index.
        query: The question.
        shown: From ``arrangement``.
        features: From ``features_of``.
    """
    best = shown.candidate
    entry = searcher.snapshot.entry(best.place.entry).entry
    (note,) = searcher.snapshot.notes([best.place.note])
    texts = (entry.text, *entry.headings, *note.names)
    asked = query.wording.dates
    is_read = query.unread < grounding.UNREADABLE
    # A date that is no more than a year or a month may be missing as any name may.
    told = asked.spans if asked.is_firm or best.signs.dated else ()
    named = specifics.specifics(query.question, told, with_proper=is_read)
    signs = query.wording.signs
    return Grounds(
        covered=best.signs.covered,
        known=features.known,
        matched=features.matched,
        late=best.late,
        cosine=best.cosine,
        named=best.signs.named,
        unread=query.unread,
        asks_date=asked.is_firm,
        is_dated=asked.is_firm and (bool(best.signs.dated) or asked.stands_in(entry.text)),
        is_empty=shown.is_empty or shown.before_empty,
        is_to_letter=bool(signs) and all(any(sign in text for text in texts) for sign in signs),
        is_opposite=bool(best.signs.opposed),
        # In another language names may be spelt otherwise, and in German all nouns look like some.
        lacking=()
        if best.by == "multilingual"
        else tuple(
            name
            for name in specifics.lacking(named, texts)
            if name in query.repaired  # else it is misspelt, and what was meant is searched for
        ),
    )


def features_of(
    searcher: Searcher, query: Query, ranked: Sequence[Candidate], *, by_words: bool = False
) -> Features:
    """Return what the verdict on a question rests on.

    The question counts as it was written: a word that had to be repaired is one that the notes do
    not know, which tells against them.

    Args:
        searcher: The index.
        query: The question.
        ranked: What it finds.
        by_words: Take for near what has its words, and not what is near in meaning.
    """
    measurer = Measurer(searcher.snapshot, searcher.snapshot.manifest.chunks)
    entries = {c.chunk: c.place.entry for c in ranked}
    if by_words:
        held = [(c.lexical_rank, c.chunk, c.bm25) for c in ranked if c.lexical_rank is not None]
        near = [(chunk, bm25) for _, chunk, bm25 in sorted(held)]
        return measurer.features(query.glossed, near, entries)
    by = ranked[0].by if ranked else "model"
    near = sorted(
        ((c.chunk, c.cosine) for c in ranked if c.dense_rank is not None and c.by == by),
        key=lambda item: (-item[1], item[0]),
    )
    matches = matcher(searcher.snapshot, query.asked) if by == "model" else None
    return measurer.features(query.glossed, near, entries, matches=matches, pieces=query.spans)


def _results(
    searcher: Searcher,
    query: Query,
    ranked: Sequence[Candidate],
    shown: Sequence[Shown],
    sure: Sequence[float],
) -> tuple[Result, ...]:
    """Return the entries that are shown as results, and how sure each is."""
    scores = {candidate.chunk: candidate.score for candidate in ranked}
    results: list[Result] = []
    rows = {row for one in shown for row in (one.candidate.place.note, *one.also)}
    notes = {note.row: note for note in searcher.snapshot.notes(rows)}
    for rank, (one, own) in enumerate(zip(shown, sure, strict=True), 1):
        candidate = one.candidate
        stored = searcher.snapshot.entry(candidate.place.entry)
        result = _result(searcher, query, stored, scores, rank, own)
        note = notes[candidate.place.note]
        also = tuple(notes[row].path for row in one.also)
        dated = replace(result, date=note.date, date_from=note.date_from)
        if one.day and (one.day != note.date or note.date_from == "file"):
            dated = replace(result, date=one.day, date_from="heading")
        results.append(replace(dated, is_older=one.is_older, also=also))
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
    asked = Asked(query.marks, query.question, entry.headings[-1] if entry.headings else "")
    pieces = pieces_of(searcher, query, stored, (start, end))
    worth = best_sentence.weighed(entry.text, (start, end), asked, pieces)
    best = best_sentence.best_sentence(entry.text, (start, end), worth)
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
        code=code_blocks(entry, best_sentence.worth_of_code(worth)),
        parts=tuple(tuple((a - start, b - start) for a, b in part) for part in parts),
    )


def pieces_of(searcher: Searcher, query: Query, stored: StoredEntry, within: Span) -> Pieces:
    """Return the word pieces of a passage beside those of the question.

    They come from the kept token states, so that no text is encoded again. There are none without
    late interaction, nor for chunks with Chinese, whose pieces are those of its gloss.
    """
    if not len(query.pieces):
        return Pieces()
    entry = stored.entry
    rows = [
        row for row, chunk in stored.chunks if chunk.end > within[0] and chunk.start < within[1]
    ]
    states = searcher.snapshot.states(rows)
    spans: list[Span] = []
    cosines: list[Vectors] = []
    for row, chunk in stored.chunks:
        start = max(chunk.start, entry.body)
        body = entry.text[start : chunk.end]
        if row not in states or analyzer.HAN_RUN.search(body):
            continue
        read = plain_text.reading(entry.text, start, chunk.end)
        pieces = searcher.encoder.piece_spans(read.text)
        found = maxsim.cosines(query.pieces, states[row])
        if not 0 < len(pieces) <= len(found):
            continue  # cut to what the model reads
        # The heading path stands before the body, so the body's pieces are the last ones.
        cosines.append(found[-len(pieces) :])
        spans += [read.source(piece) for piece in pieces]
    return Pieces(spans, np.concatenate(cosines)) if cosines else Pieces()


def _explained(
    question: str,
    results: Sequence[Result],
    shown: Sequence[Shown],
    features: Features,
    judge: Judge,
) -> tuple[Result, ...]:
    """Return results with what speaks for each, and for the verdict with the first."""
    general = verdict.reasons(features, judge.calibration) if judge.calibration else []
    near = [verdict.nearness(features, judge.calibration)] if judge.calibration else []
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
    near = f"cosine {candidate.cosine:.2f}" if candidate.is_read else "not read yet"
    found = [f"meaning: {near}" + _at(candidate.dense_rank)]
    if candidate.late is not None:
        found.append(f"word by word: {candidate.late:.2f} of 1")
    if candidate.bm25:
        found.append(f"words in common: {candidate.bm25:.1f}" + _at(candidate.lexical_rank))
    else:
        found.append("words in common: none that tell")
    if candidate.signs.opposed:
        found.append("its heading says the opposite")
    return found


def _at(rank: int | None) -> str:
    return f", number {rank} of that search" if rank else ""
