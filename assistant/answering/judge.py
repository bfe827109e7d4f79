"""What a question is judged by: the calibration of the encoder that read it, or that of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answering import verdict
from assistant.answering.arrangement import Shown
from assistant.answering.features import Features
from assistant.embedding import CARRIED
from assistant.records import Calibration
from assistant.results import Hindered, Verdict
from assistant.search import OF_MODEL, Candidate, Query, Searcher

ANY = ""
"""Stands for all languages of the off-topic questions together, among the calibrations by language:
by it questions are judged in a language that has none, or where it is not sure which."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What features are judged by."""

    calibration: Calibration | None
    by_words: bool
    """Whether the passage, or most of the index, is not read by meaning."""
    hindered: Hindered = ""
    by_other: bool = False
    """Whether the encoder of other languages read the question, and the first passage."""
    is_rough: bool = False
    """Whether the calibration knows of no question in the language of this one."""

    @property
    def is_usual(self) -> bool:
        """Whether the model read all, so that what is fitted to its figures counts."""
        return not (self.by_words or self.by_other)

    @property
    def words_tell(self) -> bool:
        """Whether a word that the notes lack is one, and not of a language that they are not in."""
        measured = self.calibration.measures if self.calibration else ()
        return not self.hindered and (not self.by_other or "known" in measured)

    def probability(self, features: Features) -> float:
        """Return how likely the notes answer."""
        if self.calibration is None:
            return verdict.EVEN_ODDS
        return verdict.probability(features, self.calibration)

    def verdict(self, features: Features) -> Verdict:
        """Return the verdict; words alone do not tell that the notes answer."""
        if self.by_words and not features.known:
            return "none"
        found = verdict.verdict(self.probability(features))
        return "weak" if (self.by_words or self.is_rough) and found == "found" else found

    def of(self, features: Features, candidate: Candidate) -> Features:
        """Return the features of a question with those of one passage."""
        if self.by_words:
            return replace(features, cover=candidate.signs.covered)
        return replace(features, similarity=candidate.cosine)


def judge_of(searcher: Searcher, query: Query, shown: Sequence[Shown]) -> Judge:
    """Return what a question is judged by whose first passage is known."""
    manifest = searcher.snapshot.manifest
    first = shown[0].candidate if shown else None
    hindered = _hindered(searcher, query)
    if manifest.multilingual and (first.by if first else query.by) == "multilingual":
        made = dict(manifest.multilingual.calibrations)
        calibration = made.get(query.language) or made.get(ANY)
        by_words = first is not None and not first.is_read
        is_rough = query.language not in made
        return Judge(calibration, by_words, hindered, by_other=True, is_rough=is_rough)
    is_read = first is not None and first.is_read
    if manifest.unread and not (manifest.calibration and is_read):
        return Judge(manifest.by_words, by_words=True, hindered=hindered)
    return Judge(manifest.calibration, by_words=False, hindered=hindered)


def _hindered(searcher: Searcher, query: Query) -> Hindered:
    """Return what keeps a question in another language from being read as it should be."""
    manifest = searcher.snapshot.manifest
    if query.language in ("", *OF_MODEL) or manifest.model not in CARRIED:
        return ""
    if query.by == "model":
        return "notes" if searcher.multilingual else "encoder"
    told = manifest.multilingual
    return "notes" if told and told.scope != "all" and told.count < manifest.chunks else ""
