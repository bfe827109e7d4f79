"""What earlier versions kept of texts, as it is kept today."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from fakes import DIMENSIONS, unpacked
from indexes import Case, contents

from assistant.embedding import maxsim, packed
from assistant.embedding.vectors import Vectors
from assistant.store.files import DATABASE
from assistant.store.repair import as_kept
from assistant.store.tables import row_sum


def directions(count: int, dimensions: int = DIMENSIONS) -> Vectors:
    """Return random vectors of unit length."""
    drawn = np.random.default_rng(4).standard_normal((count, dimensions)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def before_11(states: Vectors) -> bytes:
    """Return states as versions before 11 kept them: a signed byte for each dimension."""
    peak = np.abs(states).max(axis=1, keepdims=True)
    return bytes(np.rint(states * (127 / peak)).astype(np.int8).tobytes())


def test_a_vector_of_four_bytes_a_number_is_kept_in_two() -> None:
    """It becomes what it would be if it were embedded today; that of today stays."""
    (vector,) = directions(1, 384)

    assert as_kept.vector(vector.tobytes()) == packed(vector)
    assert as_kept.vector(packed(vector)) == packed(vector)


@pytest.mark.parametrize("spoilt", [b"", b"\0", bytes(256), b"\xff" * 256, b"\x7f" * 256])
def test_what_has_no_unit_length_is_no_vector(spoilt: bytes) -> None:
    """Zeros, infinities and half a number are not kept."""
    assert as_kept.vector(spoilt) is None


def test_states_of_a_byte_for_each_dimension_are_packed_anew() -> None:
    """They keep their cosines nearly, also those of no word piece; those of today stay."""
    states = directions(40, as_kept.OLD_DIMENSIONS)
    found = as_kept.states(before_11(states))

    assert found is not None
    assert (unpacked(found, as_kept.OLD_DIMENSIONS) * states).sum(axis=1).mean() > 0.97
    assert as_kept.states(found) == found
    assert as_kept.states(b"") == maxsim.FORM
    assert as_kept.states(b"12345") is None


def test_nothing_is_embedded_anew_for_another_form(case: Case) -> None:
    """An index of the version before, with its vectors and states, is made anew of these."""
    before = contents(case.index)
    with closing(sqlite3.connect(case.index / DATABASE)) as connection:
        for table, column in (("vectors", "vector"), ("states", "pieces")):
            rows = connection.execute(f"SELECT digest, {column} FROM {table}").fetchall()
            for digest, content in rows:
                if column == "vector":
                    old = np.frombuffer(content, "<f2").astype(np.float32).tobytes()
                else:
                    old = before_11(unpacked(content, DIMENSIONS))
                connection.execute(
                    f"UPDATE {table} SET {column} = ?, checksum = ? WHERE digest = ?",
                    (old, row_sum(digest, old), digest),
                )
        connection.execute("PRAGMA user_version = 10")
        connection.commit()
    case.encoder.encoded.clear()
    case.build()
    after = contents(case.index)

    assert case.encoder.encoded == []
    assert after["vectors"] == before["vectors"]
    assert [row[:3] for row in after.pop("states")] == [row[:3] for row in before.pop("states")]
    assert after == before
