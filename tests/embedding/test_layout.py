"""Tests of the map: vectors of many dimensions laid out in two."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assistant.embedding.layout import placing, tsne
from assistant.embedding.layout.neighbours import nearest
from assistant.embedding.layout.regions import regions
from assistant.embedding.layout.repulsion import Grid
from assistant.embedding.vectors import Ids, Vectors, means


def groups(count: int, each: int, seed: int = 5) -> tuple[Vectors, Ids]:
    """Vectors around some directions, and the direction of each."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count, 30))
    of = np.repeat(np.arange(count), each)
    return (centres[of] + 0.2 * random.normal(size=(len(of), 30))).astype(np.float32), of


def test_nearest_are_those_of_the_highest_cosine() -> None:
    """As found by sorting all others, also over the edge of a block."""
    vectors, _ = groups(3, 401)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = nearest(vectors, 4)

    for row in (0, 999, 1000, 1202):
        cosines = unit @ unit[row]
        cosines[row] = -2
        assert set(found[row].tolist()) == set(np.argsort(-cosines)[:4].tolist())


@pytest.mark.parametrize("spread", [0.01, 5.0, 40.0])
def test_forces_are_those_summed_over_all_pairs(spread: float) -> None:
    """The grid gives nearly what a sum over all pairs does, whatever the map extends to."""
    places = (np.random.default_rng(2).normal(size=(300, 2)) * spread).astype(np.float32)
    away = places[:, np.newaxis] - places
    near = 1 / (1 + (away**2).sum(axis=2))
    expected = (near[:, :, np.newaxis] ** 2 * away).sum(axis=1) / (near.sum() - len(places))
    found = Grid.over(float(np.ptp(places, axis=0).max()), None).forces(places)

    assert np.linalg.norm(found - expected) < 0.5 * np.linalg.norm(expected)
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > (0.99 if spread < 10 else 0.85)


def test_grid_serves_while_points_extend_as_far() -> None:
    """What one point does is not computed anew in every step."""
    grid = Grid.over(30.0, None)

    assert Grid.over(33.0, grid) is grid
    assert Grid.over(300.0, grid) is not grid


def test_near_vectors_lie_near() -> None:
    """The nearest points of each are of its own group, and every run gives the same."""
    vectors, of = groups(5, 40)
    places = tsne.arranged(vectors)
    away = ((places[:, np.newaxis] - places) ** 2).sum(axis=2)
    near = np.argsort(away, axis=1)[:, 1:11]

    assert (of[near] == of[:, np.newaxis]).mean() > 0.98
    assert np.array_equal(places, tsne.arranged(vectors))
    assert len(regions([(x, y) for x, y in places.tolist()])) >= 5


def test_map_that_is_made_anew_is_known_again() -> None:
    """From where they lay, points move little beside how far the map extends."""
    vectors, _ = groups(5, 40)
    before = tsne.arranged(vectors)
    after = tsne.arranged(vectors, before)

    moved = np.linalg.norm(after - before, axis=1)
    assert np.median(moved) < 0.15 * np.ptp(before, axis=0).max()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 16])
def test_few_vectors_and_equal_ones(count: int) -> None:
    """Every one has a place, whether they differ or not."""
    for vectors in (groups(1, count)[0], np.ones((count, 30), np.float32)):
        places = tsne.arranged(vectors)
        assert places.shape == (count, 2)
        assert np.isfinite(places).all()


@pytest.mark.parametrize("count", [3, 7, 20])
def test_few_points_part(count: int) -> None:
    """So that each can be pointed at: no two lie within a twentieth of the map's extent."""
    places = tsne.arranged(np.random.default_rng(6).normal(size=(count, 30)).astype(np.float32))
    away = np.linalg.norm(places[:, np.newaxis] - places, axis=2) + np.eye(count) * 1e9

    assert away.min() > 0.05 * np.ptp(places, axis=0).max()


def test_principal_components_are_those_of_the_singular_vectors() -> None:
    """What a map begins with are the directions of a decomposition, their signs fixed."""
    vectors = np.random.default_rng(3).normal(size=(200, 20)).astype(np.float32)
    vectors[:, 7] *= 5
    vectors[:, 3] *= 3
    centred = vectors - vectors.mean(axis=0)
    _, _, expected = np.linalg.svd(centred, full_matrices=False)
    found = tsne.principal(vectors)

    for axis in (0, 1):
        assert abs(np.corrcoef(found[:, axis], centred @ expected[axis])[0, 1]) > 0.999
    assert np.corrcoef(found[:, 0], vectors[:, 7])[0, 1] > 0


def test_what_is_new_stands_where_most_of_its_nearest_lie() -> None:
    """Not in the middle between two regions; the nearer an entry, the more it has a say."""
    places = {1: (0.0, 0.0), 2: (1.0, 0.0), 3: (0.0, 1.0), 4: (90.0, 90.0)}
    near = [(9, 0.9), (1, 0.6), (4, 0.59), (2, 0.59), (3, 0.59), (1, 0.2)]

    assert math.dist(placing.place(near, places) or (99.0, 99.0), (0.3, 0.3)) < 1
    assert math.dist(placing.place([(4, 0.9), (1, 0.5)], places) or (0.0, 0.0), (90, 90)) < 0.1
    assert placing.place([(9, 0.9)], places) is None


def test_regions_are_hills_of_points() -> None:
    """Largest first, each from its middle outwards; every point is in one."""
    random = np.random.default_rng(4)
    hills = [((0, 0), 90), ((30, 0), 60), ((0, 40), 30)]
    points = np.vstack([random.normal(size=(size, 2)) + middle for middle, size in hills])
    found = regions([(x, y) for x, y in points.tolist()])

    assert [len(members) for members in found] == [90, 60, 30]
    assert sorted(point for members in found for point in members) == list(range(180))
    middles = [
        math.dist(points[members[0]], middle)
        for members, (middle, _) in zip(found, hills, strict=True)
    ]
    assert max(middles) < 0.7
    assert regions([]) == []
    assert regions([(1.0, 1.0)]) == [[0]]


def test_means_are_of_each_owner() -> None:
    """Owners ascend, and each has the mean of its own vectors."""
    vectors = np.array([[1, 0], [3, 2], [5, 5]], np.float32)
    found, owners = means(vectors, np.array([8, 8, 2]))

    assert owners.tolist() == [2, 8]
    assert found.tolist() == [[5, 5], [2, 1]]
