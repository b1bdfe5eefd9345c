from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_unet import measure_objects
from napari_unet.core.errors import UserError
from napari_unet.core.instances.measure import (
    diameters,
    equivalent_size,
    mean_chords,
    measure,
    typical_diameter,
)
from shapes import make_labels


def test_a_plane_by_hand():
    labels = np.array([[0, 7, 7], [0, 7, 7], [2, 0, 0]], np.uint32)
    assert measure(labels, (0.5, 2.0), "micrometer") == [
        {
            "label": 2,
            "pixels": 1,
            "area": 1.0,
            "centroid_y": 1.0,
            "centroid_x": 0.0,
            "unit": "micrometer",
        },
        {
            "label": 7,
            "pixels": 4,
            "area": 4.0,
            "centroid_y": 0.25,
            "centroid_x": 3.0,
            "unit": "micrometer",
        },
    ]


def test_a_volume_by_hand():
    labels = np.zeros((3, 4, 5), np.int32)
    labels[1:3, 2, 4] = 2**30
    (row,) = measure(labels, (3.0, 1.0, 0.5))
    assert row == {
        "label": 2**30,
        "pixels": 2,
        "volume": 3.0,
        "centroid_z": 4.5,
        "centroid_y": 2.0,
        "centroid_x": 2.0,
        "unit": "pixel",
    }


@given(
    hnp.arrays(
        np.int32,
        hnp.array_shapes(min_dims=2, max_dims=3, max_side=6),
        elements=st.integers(0, 4),
    )
)
def test_same_as_object_by_object(labels):
    rows = measure(labels)
    assert [row["label"] for row in rows] == [n for n in np.unique(labels) if n]
    for row in rows:
        places = np.argwhere(labels == row["label"])
        assert row["pixels"] == len(places)
        names = [f"centroid_{axis}" for axis in "zyx"[-labels.ndim :]]
        np.testing.assert_allclose([row[name] for name in names], places.mean(axis=0))


@pytest.mark.parametrize(
    ("labels", "spacing", "sentence"),
    [
        (np.ones(3, int), None, "plane or a volume"),
        (np.full((3, 3), 0.5), None, "decimal"),
        (np.ones((3, 3), int), (1.0,), "2 numbers above 0"),
        (np.ones((3, 3), int), 0.5, "2 numbers above 0, .*, not 0.5"),
        (np.ones((3, 3), int), (1.0, 0.0), "2 numbers above 0"),
    ],
)
def test_what_cannot_be_measured_is_refused(labels, spacing, sentence):
    with pytest.raises(UserError, match=sentence):
        measure(labels, spacing)


def test_what_both_tables_have_is_the_same(ndim):
    labels, spacing = make_labels(ndim), (3.0, 0.5, 0.25)[-ndim:]
    rows = measure(labels, spacing, "µm")
    table = measure_objects(labels, spacing=spacing, unit="µm")
    assert [name for name in table if name in rows[0]] == list(rows[0])
    for name in rows[0]:
        column = [row[name] for row in rows]
        assert table[name].tolist() == (column if name == "unit" else pytest.approx(column))


@pytest.mark.parametrize("ndim", [2, 3])
def test_diameters_are_those_of_discs_and_balls_as_large(ndim):
    labels = np.zeros((41,) * ndim, np.int32)
    far = np.sqrt(sum((axis - 20.0) ** 2 for axis in np.indices(labels.shape)))
    labels[far <= 12] = 7
    labels[(0,) * ndim] = 3
    one, disc = diameters(labels)
    assert disc == pytest.approx(24, rel=0.03)
    pixels = np.bincount(labels.ravel())[[3, 7]]
    assert typical_diameter(pixels[1:], ndim) == pytest.approx(disc)
    assert equivalent_size(disc, ndim) == pytest.approx(pixels[1])
    assert equivalent_size(one, ndim) == pytest.approx(1)


def test_chords_tell_how_thick_objects_are(ndim):
    labels = np.zeros((20,) * ndim, np.int32)
    labels[(slice(2, 5), *[slice(3, 15)] * (ndim - 1))] = 7
    labels[10:, 16:18] = 3
    expected = [[10, 2, 20][:ndim], [3, 12, 12][:ndim]]
    np.testing.assert_allclose(mean_chords(labels), expected)
    assert mean_chords(np.zeros((4,) * ndim, int)).shape == (0, ndim)
