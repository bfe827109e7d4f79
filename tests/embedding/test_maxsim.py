"""Late interaction: what is stored, and the score against a plain double loop."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import unpacked

from assistant.embedding import maxsim as late
from assistant.embedding.vectors import Vectors

rng = np.random.default_rng(7)


def random_states(count: int, dimensions: int = 24) -> Vectors:
    """Return states as random as they come."""
    return rng.normal(size=(count, dimensions)).astype(np.float32)


def maxsim(question: Vectors, chunk: Vectors) -> float:
    """The definition, without matrices."""
    best = [max(float(np.dot(q, p)) for p in chunk) for q in question]
    return sum(best) / len(best)


def test_projection_is_orthonormal_and_repeatable() -> None:
    """The columns of a projection are orthonormal, and the same states give the same ones."""
    states = random_states(300)
    projection = late.fit(states, 8)

    assert projection.shape == (24, 8)
    np.testing.assert_allclose(projection.T @ projection, np.eye(8), atol=1e-5)
    np.testing.assert_array_equal(projection, late.fit(states, 8))


def test_full_projection_keeps_cosines() -> None:
    """With all dimensions kept, cosines stay what they are."""
    states = random_states(300)
    kept = late.project(states, late.fit(states, 99))
    unit = states / np.linalg.norm(states, axis=1, keepdims=True)

    np.testing.assert_allclose(kept @ kept.T, unit @ unit.T, atol=1e-4)


def test_projection_keeps_the_plane_that_states_lie_in() -> None:
    """States that lie in a plane lose nothing when two dimensions are kept."""
    states = random_states(100, 2) @ random_states(2)
    kept = late.project(states, late.fit(states, 2))
    unit = states / np.linalg.norm(states, axis=1, keepdims=True)

    np.testing.assert_allclose(kept @ kept.T, unit @ unit.T, atol=1e-4)


def test_pack_takes_a_byte_for_each_dimension() -> None:
    """A chunk takes a byte for three dimensions of each piece, and unpacks little changed."""
    states = random_states(50, 96)
    projection = late.fit(states, 64)
    blob = late.pack(states, projection)
    kept = late.project(states, projection)
    itself = (unpacked(blob, 64) * kept).sum(axis=1)

    assert len(blob) == 1 + 50 * 22
    assert itself.mean() > 0.97
    assert itself.min() > 0.9


def test_no_dimension_counts_for_more_when_packed() -> None:
    """States that lie along one dimension, or have a large mean, lose no more than others."""
    states = np.eye(64, dtype=np.float32)
    leaning = late.project(random_states(50, 64) + 3 * states[0], states)

    for kept in (states, leaning):
        itself = (unpacked(late.coded(kept), 64) * kept).sum(axis=1)
        assert itself.mean() > 0.96


def test_levels_are_where_the_error_is_least() -> None:
    """Each level is the mean of the normally distributed numbers that it stands for."""
    drawn = np.sort(np.random.default_rng(5).standard_normal(400_000))
    for positive in (late.SIX, late.SEVEN):
        levels = sorted({sign * level for level in positive for sign in (-1, 1)})
        halfway = np.add(levels[1:], levels[:-1]) / 2
        parts = np.split(drawn, np.searchsorted(drawn, halfway))

        assert [part.mean() for part in parts] == pytest.approx(levels, abs=0.01)


def test_scores_are_the_mean_of_best_cosines() -> None:
    """Scores of several chunks at once equal the definition, also beside empty chunks."""
    question = late.project(random_states(5), np.eye(24, dtype=np.float32))
    sizes = [0, 3, 1, 0, 17, 0]
    blobs = [late.pack(random_states(size), np.eye(24, dtype=np.float32)) for size in sizes]
    expected = [
        maxsim(question, unpacked(blob, 24)) if size else 0.0
        for size, blob in zip(sizes, blobs, strict=True)
    ]

    assert late.scores(question, blobs) == pytest.approx(expected, abs=1e-5)


def test_a_chunk_answers_itself_best() -> None:
    """A chunk's own states score nearly 1 on it, and no other chunk scores as high."""
    chunks = [random_states(9) for _ in range(6)]
    projection = late.fit(np.concatenate(chunks), 12)
    blobs = [late.pack(chunk, projection) for chunk in chunks]
    found = late.scores(late.project(chunks[4], projection), blobs)

    assert found[4] == pytest.approx(1, abs=0.05)
    assert max(range(6), key=found.__getitem__) == 4


@pytest.mark.parametrize("blobs", [[], [b""], [b"", b""]])
def test_nothing_to_compare_scores_zero(blobs: list[bytes]) -> None:
    """No chunks, empty chunks or an empty question give zeros, not errors."""
    assert late.scores(random_states(3, 4), blobs) == [0.0] * len(blobs)
    assert late.scores(random_states(0, 4), [late.FORM + b"\1\2"]) == [0.0]


def test_a_state_of_zeros_is_stored() -> None:
    """A state that the projection maps to nothing is stored as such and matches nothing."""
    blob = late.pack(np.zeros((1, 3), np.float32), np.eye(3, dtype=np.float32))

    assert blob == late.FORM + bytes([late.NOTHING])
    assert late.scores(np.ones((1, 3), np.float32), [blob]) == [0.0]


def test_a_blob_of_other_dimensions_is_refused() -> None:
    """Bytes that are no whole number of states, or of another form, are an error."""
    blob = late.pack(random_states(5, 3), np.eye(3, dtype=np.float32))
    with pytest.raises(ValueError, match="reshape"):
        late.cosines(random_states(1, 6), blob)
    with pytest.raises(ValueError, match="form"):
        late.scores(random_states(1, 3), [b"12345"])


def test_best_is_the_best_cosine_of_each_piece() -> None:
    """A row a chunk, a column a piece of the question, as brute force has it."""
    question = late.project(random_states(3, 8), np.eye(8, dtype=np.float32))
    blobs = [late.pack(random_states(n, 8), np.eye(8, dtype=np.float32)) for n in (5, 1)]
    expected = [(unpacked(blob, 8) @ question.T).max(axis=0) for blob in blobs]

    assert late.best(question, blobs) == pytest.approx(np.array(expected), abs=1e-5)
    assert late.best(question, [b"", blobs[0]])[0].tolist() == [0, 0, 0]


def test_cosines_of_an_empty_question_are_none() -> None:
    """A question without word pieces, such as one of control characters, has no cosine, not NaN."""
    blob = late.pack(random_states(3), np.eye(24, dtype=np.float32))

    assert late.cosines(np.zeros((0, 24), np.float32), blob).shape == (3, 0)
