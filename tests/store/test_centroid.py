"""The centroid of a note's vectors."""

from __future__ import annotations

import numpy as np

from assistant.embedding.vectors import centroid


def test_centroid_has_unit_length_and_the_direction_of_the_mean() -> None:
    """Two vectors at a right angle have their centroid halfway between."""
    found = centroid(np.array([[1, 0, 0], [0, 1, 0]], np.float32))

    np.testing.assert_allclose(found, [0.5**0.5, 0.5**0.5, 0], atol=1e-6)


def test_vectors_that_cancel_have_no_direction() -> None:
    """A sum of nothing is zeros, not an error."""
    found = centroid(np.array([[1, 0], [-1, 0]], np.float32))

    np.testing.assert_array_equal(found, [0, 0])
