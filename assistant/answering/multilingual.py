"""How sure it is that notes answer a question in a language that the index's model does not read.

The encoder of other languages puts any two texts between .7 and .9, those of two languages lower
than those of one. So what a question measures is told in units of the spread of off-topic questions
in its own language, asked of the same index. Headings, which tell most where the model reads, are
in the notes' language and say nothing of how near a question in another one comes; the weights are
therefore the same for every index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from assistant.answering.calibration import cached, is_due
from assistant.answering.features import NEAR, Features, Measurer
from assistant.answering.judge import ANY
from assistant.answering.verdict import calibrated
from assistant.embedding import Encoder, probes
from assistant.records import Calibration
from assistant.store import Multilingual, Snapshot
from assistant.store import multilingual as stored

WEIGHTS = {"similarity": 0.9, "margin": 0.2, "known": 0.2}
"""Log odds per spread of the probes; ``known`` counts where notes are in the question's language.
Fitted by logistic regression to the tuning questions of the sets of five languages, and rounded."""

FOREIGN_MEASURES = ("similarity", "margin")
"""Those that count for a question in a language that no notes are in."""

BIAS, FOREIGN_BIAS = -1.1, -0.8
"""Of questions in a language that notes are in, and of others, whose words tell nothing."""

SHARE = 0.2
"""Of the notes that are read, from which on their language is one that notes are in."""

LEAST_SPREAD = {"similarity": 0.012, "margin": 0.003, "known": 0.1}
"""Of the probes: in a few notes all of them may measure much the same."""


def calibrations(
    snapshot: Snapshot,
    told: Multilingual,
    open_encoder: Callable[[], Encoder],
    cache: Path,
    last: Mapping[str, Calibration],
) -> dict[str, Calibration]:
    """Return the calibration of an index for questions in each language.

    Args:
        snapshot: The index; an update before it commits, too.
        told: What its manifest is to say of its vectors.
        open_encoder: Gives the encoder that made these.
        cache: Folder and name, without an ending, of a file for the embeddings of the probes.
        last: Those of the last build, which stay while the index is much the same.
    """
    if _serves(last.get(ANY), told.count):
        return dict(last)
    asked = probes.of_others()
    vectors = cached([text for _, text in asked], open_encoder(), cache).vectors
    found = stored.MultilingualVectors(snapshot, told).search(vectors, NEAR)
    entries = snapshot.entry_of_chunks()
    measurer = Measurer(snapshot, len(entries))
    features: dict[str, list[Features]] = {ANY: []}
    for (language, text), near in zip(asked, found, strict=True):
        measured = measurer.features(text, near, entries, find_missing=False)
        features.setdefault(language, []).append(measured)
        features[ANY].append(measured)
    total = sum(count for _, count in told.languages) or 1
    spoken = {language for language, count in told.languages if count >= SHARE * total}
    return {
        language: _calibrated(measured, language in spoken, told.count)
        for language, measured in features.items()
    }


def _serves(last: Calibration | None, chunks: int) -> bool:
    """Return whether the last calibration is of an index much the same, and of today's weights."""
    weights = tuple(WEIGHTS[name] for name in FOREIGN_MEASURES)
    same = last is not None and (last.weights, last.bias) == (weights, FOREIGN_BIAS)
    return same and not is_due(last, chunks)


def _calibrated(off: list[Features], is_spoken: bool, chunks: int) -> Calibration:
    """Return the calibration by off-topic questions in one language."""
    names = tuple(WEIGHTS) if is_spoken else FOREIGN_MEASURES
    return calibrated(
        off,
        names,
        np.array([WEIGHTS[name] for name in names]),
        BIAS if is_spoken else FOREIGN_BIAS,
        np.array([LEAST_SPREAD[name] for name in names]),
        chunks,
    )
