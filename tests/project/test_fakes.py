"""The fake encoder keeps the promises that other tests build on."""

from __future__ import annotations

import numpy as np
from fakes import FakeEncoder


def test_the_same_text_has_the_same_vector() -> None:
    """A query and a passage of the same text, alone or among others, have one vector."""
    fake = FakeEncoder()
    text = "free the GPU memory"
    passages = dict(fake.encode_passages(["short", text, ""]))

    assert np.array_equal(passages[1].vector, fake.encode_query(text).vector)
    assert sorted(passages) == [0, 1, 2]
    assert all(np.isclose(np.linalg.norm(e.vector), 1) for e in passages.values())


def test_shared_words_make_close_vectors() -> None:
    """The more words two texts share, the closer they are; none shared, none of it."""
    fake = FakeEncoder()
    question, near, far, other = (
        fake.encode_query(text).vector
        for text in ("free gpu memory", "Free GPU memory now", "free lunch today", "内存")
    )

    assert question @ near > 0.7 > question @ far > abs(question @ other)
