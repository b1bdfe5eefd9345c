"""What is measured is what scikit-image measures, object by object, and what is counted by hand."""

import itertools
import warnings
from collections import Counter

import numpy as np
import pytest
from dask import array
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage.measure import euler_number, perimeter_crofton, regionprops

from napari_unet import Evidence, MeasureRequest, UserError, measure_objects
from napari_unet.core.decoding.segmentation import Segmentation
from napari_unet.core.instances.overlaps import class_of_each
from napari_unet.core.measuring import windows
from shapes import make_labels

SAME = {
    "equivalent_diameter": "equivalent_diameter_area",
    "axis_major_length": "axis_major_length",
    "axis_minor_length": "axis_minor_length",
    "euler_number": "euler_number",
    "solidity": "solidity",
}
FLAT = {"eccentricity": "eccentricity", "perimeter": "perimeter"}
NUMBERS = st.sampled_from([0, 0, 0, 1, 1, 1, 2, 5, 900])
"""Background, a large object, others, gaps between the numbers."""

planes = hnp.arrays(
    np.int32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=NUMBERS
)
volumes = hnp.arrays(
    np.uint16, hnp.array_shapes(min_dims=3, max_dims=3, max_side=5), elements=NUMBERS
)
spacings = st.lists(st.sampled_from([0.25, 1.0, 3.0]), min_size=3, max_size=3)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(windows, "PIXELS", 64)


def agree(labels, spacing):
    """Compare all that scikit-image has; a hull that it cannot make in space has no value there."""
    ndim = labels.ndim
    table = measure_objects(labels, spacing=tuple(spacing), axes="ZYX"[-ndim:])
    regions = regionprops(labels, spacing=tuple(spacing))
    assert table["label"].tolist() == [region.label for region in regions]
    square = ndim == 2 and spacing[0] == spacing[1]
    names = SAME | ({"area": "area"} if ndim == 2 else {"volume": "area"})
    names |= FLAT if square else {"eccentricity": "eccentricity"} if ndim == 2 else {}
    for row, region in enumerate(regions):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = {name: getattr(region, theirs) for name, theirs in names.items()}
        if ndim == 3 and not np.isfinite(expected["solidity"]):
            del expected["solidity"]
        for name, value in expected.items():
            assert table[name][row] == pytest.approx(value, abs=1e-6), name
        centre = [table[f"centroid_{axis}"][row] for axis in "zyx"[-ndim:]]
        np.testing.assert_allclose(centre, region.centroid, atol=1e-9)
        if ndim == 2 and directed(region):
            off = (table["orientation"][row] - region.orientation) % np.pi
            assert min(off, np.pi - off) < 1e-6


def directed(region):
    large, small = region.inertia_tensor_eigvals
    return large - small > 1e-6


@given(planes, spacings)
def test_planes_as_scikit_image_measures_them(labels, spacing):
    agree(labels, spacing[:2])
    agree(labels, spacing[:1] * 2)


@settings(max_examples=40)
@given(volumes, spacings)
def test_volumes_as_scikit_image_measures_them(labels, spacing):
    agree(labels, spacing)


@given(planes, st.sampled_from([np.uint8, np.uint16, np.float32, np.int16, np.float64]))
def test_grey_values_as_numpy_measures_them(labels, dtype):
    rng = np.random.default_rng(0)
    image = rng.normal(100, 60, labels.shape).clip(0 if dtype(0).dtype.kind == "u" else -300, 250)
    image = image.astype(dtype)
    table = measure_objects(labels, image)
    for row, label in enumerate(table["label"]):
        values = image[labels == label].astype(float)
        expected = {"mean": values.mean(), "sum": values.sum(), "std": values.std()}
        expected |= {f"p{share}": np.percentile(values, share) for share in (5, 50, 95)}
        for name, value in expected.items():
            assert table[f"intensity_{name}"][row] == pytest.approx(value, abs=1e-6), name


@given(st.one_of(planes, volumes))
def test_neighbours_borders_and_pieces_by_hand(labels):
    table = measure_objects(labels, axes="ZYX"[-labels.ndim :])
    box = np.ones((3,) * labels.ndim)
    for row, label in enumerate(table["label"]):
        own = labels == label
        near = set(labels[ndimage.binary_dilation(own, box)].tolist()) - {0, label}
        pieces = ndimage.label(own, box)[1]
        edge = np.ones(labels.shape, bool)
        edge[(slice(1, -1),) * labels.ndim] = False
        assert table["touching"][row] == len(near)
        assert table["pieces"][row] == pieces
        assert table["on_border"][row] == (own & edge).any()
        if labels.ndim == 2:
            assert table["holes"][row] == pieces - euler_number(own, 2)
    places = np.stack([table[f"centroid_{axis}"] for axis in "zyx"[-labels.ndim :]], axis=1)
    for row, place in enumerate(places):
        others = np.linalg.norm(np.delete(places, row, axis=0) - place, axis=1)
        expected = others.min() if len(others) else np.nan
        assert table["nearest_distance"][row] == pytest.approx(expected, nan_ok=True)


def same_tables(one, other):
    assert list(one) == list(other)
    for name, column in one.items():
        np.testing.assert_array_equal(column, other[name], err_msg=name)


@given(st.one_of(planes, volumes), st.integers(3, 5))
def test_blocks_do_not_matter(labels, side):
    """Also for objects far larger than a block, and rings that meet in another window."""
    image = np.random.default_rng(1).integers(0, 99, labels.shape, np.uint16)
    axes = "ZYX"[-labels.ndim :]
    whole = measure_objects(labels, image, axes=axes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "PIXELS", side**labels.ndim)
        parts = measure_objects(labels, image, axes=axes)
    same_tables(whole, parts)


def test_rings_do_not_depend_on_blocks(small_blocks, monkeypatch):
    rng = np.random.default_rng(2)
    labels = np.zeros((60, 60), np.int32)
    labels[tuple(rng.integers(0, 60, (2, 90)))] = rng.permutation(90) + 1
    image = rng.random((2, 60, 60), np.float32)
    parts = measure_objects(labels, image)
    monkeypatch.setattr(windows, "PIXELS", 2**20)
    same_tables(measure_objects(labels, image), parts)


def test_windows_do_not_grow_with_the_number_of_objects(monkeypatch):
    """Large objects share windows; what is read grows as the image does."""
    monkeypatch.setattr(windows, "PIXELS", 64)
    crowd = np.arange(100).reshape(10, 10).repeat(10, axis=0).repeat(10, axis=1) + 1
    low, high = np.argwhere(np.ones((40, 40))), np.minimum(np.argwhere(np.ones((40, 40))) + 60, 100)
    across = windows.Boxes(np.arange(1, 1601), low, high)
    for boxes in (
        windows.joined([windows.boxes_in(planes_of(crowd), 0, ((0, 100),) * 2)], 2),
        across,
    ):
        found = windows.groups(boxes)
        assert sorted(np.concatenate(found).tolist()) == list(range(len(boxes)))
        read = [boxes[each].high.max(axis=0) - boxes[each].low.min(axis=0) for each in found]
        assert sum(map(np.prod, read)) <= 8 * crowd.size
    monkeypatch.setattr(windows, "LARGEST", 1)
    assert {len(each) for each in windows.groups(across)} == {1}


def planes_of(labels):
    return MeasureRequest(axes="YX", ndim=2).planes(labels)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (1.0, 0.5)])
def test_outlines_of_oblong_pixels_are_those_of_the_shape(spacing):
    labels = ellipse((60, 30) / np.array(spacing))
    found = measure_objects(labels, spacing=spacing)["perimeter"][0]
    assert found == pytest.approx(145.3, rel=0.05)  # of half axes of 30 and 15
    if spacing[0] != spacing[1]:
        same = measure_objects(labels, spacing=(1, 1.002))["perimeter"][0]
        assert same == pytest.approx(perimeter_crofton(labels > 0, 4), rel=0.002)


@pytest.mark.parametrize("sides", [(0.65, 0.6499998), (0.6499998, 0.65), (0.65, 0.6497)])
def test_outlines_do_not_jump_where_a_file_has_rounded_the_pixel_size(sides):
    labels = ellipse((40, 40))
    (square,) = measure_objects(labels, spacing=(0.65, 0.65))["perimeter"]
    (rounded,) = measure_objects(labels, spacing=sides)["perimeter"]
    assert rounded == pytest.approx(square, rel=1e-3)


def ellipse(size):
    half = np.array(size) / 2
    rows, columns = np.indices(tuple(np.ceil(size).astype(int) + 4))
    away = ((rows - half[0] - 1.5) / half[0]) ** 2 + ((columns - half[1] - 1.5) / half[1]) ** 2
    return (away < 1).astype(np.int32)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.0, 0.5, 1.0)])
def test_surface_and_axes_of_a_ball_in_any_voxels(spacing):
    size = tuple(np.ceil(26 / np.array(spacing)).astype(int))
    places = (np.indices(size).T * spacing).T
    labels = (sum((axis - 12.5) ** 2 for axis in places) < 144).astype(np.uint8)
    table = measure_objects(labels, spacing=spacing)
    assert table["surface"][0] == pytest.approx(4 * np.pi * 144, rel=0.03)
    assert table["axis_middle_length"][0] == pytest.approx(24, rel=0.03)
    assert table["elongation"][0] < 0.05
    assert 0.9 < table["solidity"][0] < 1  # the hull is that of the middles of sides


@pytest.mark.parametrize(("axis", "elevation"), [(0, np.pi / 2), (1, 0), (2, 0)])
def test_which_way_a_rod_points(axis, elevation):
    labels = np.zeros((9, 9, 9), np.int32)
    where = [4, 4, 4]
    where[axis] = slice(1, 8)
    labels[tuple(where)] = 1
    table = measure_objects(labels)
    assert table["elevation"][0] == pytest.approx(elevation)
    if axis:
        assert abs(table["orientation"][0]) == pytest.approx({1: 0, 2: np.pi / 2}[axis])
    assert table["elongation"][0] == pytest.approx(1)


def test_contrast_is_to_a_ring_that_avoids_other_objects():
    labels = np.zeros((20, 30), np.int32)
    labels[8:12, 5:9], labels[8:12, 12:16] = 1, 2
    image = np.full(labels.shape, 10.0)
    image[labels == 1], image[labels == 2] = 50, 500
    image[7:13, 4:10][labels[7:13, 4:10] == 0] = 40  # blurred, and left out
    table = measure_objects(labels, image)
    np.testing.assert_allclose(table["intensity_contrast"], [40, 490])
    full = measure_objects(np.ones((4, 4), int), np.ones((4, 4)))
    assert np.isnan(full["intensity_contrast"][0])


def ring_mean(labels, image, label):
    """Return the mean of a ring, each background pixel and all objects being looked at."""
    found = []
    for place in np.argwhere(labels == 0):
        away = {
            int(each): np.abs(np.argwhere(labels == each) - place).max(axis=1).min()
            for each in np.unique(labels[labels > 0])
        }
        nearest = min(away.values())
        if 1 < nearest <= 4 and [each for each in away if away[each] == nearest] == [label]:
            found.append(image[tuple(place)])
    return np.mean(found) if found else np.nan


@settings(max_examples=30)
@given(st.one_of(planes, volumes), st.integers(0, 2**32 - 1))
def test_a_ring_is_what_is_nearer_to_its_object_than_to_any_other(labels, seed):
    labels = np.pad(labels[::2, ::2], 3)
    image = np.random.default_rng(seed).random(labels.shape)
    table = measure_objects(labels, image, axes="ZYX"[-labels.ndim :])
    rings = [ring_mean(labels, image, label) for label in table["label"]]
    np.testing.assert_allclose(table["intensity_mean"] - table["intensity_contrast"], rings)


@given(st.one_of(planes, volumes), st.randoms(use_true_random=False))
def test_numbers_of_objects_do_not_matter(labels, chance):
    others = [0, *chance.sample(range(1, 1000), 900)]
    image = np.random.default_rng(0).random(labels.shape)
    axes, spacing = "ZYX"[-labels.ndim :], (2.0, 1.0, 0.5)[-labels.ndim :]
    one = measure_objects(labels, image, axes=axes, spacing=spacing)
    two = measure_objects(np.array(others)[labels], image, axes=axes, spacing=spacing)
    rows = np.searchsorted(two["label"], np.array(others)[one["label"]])
    for name in set(one) - {"label"}:
        np.testing.assert_array_equal(one[name], two[name][rows], err_msg=name)


def test_a_ring_is_as_wide_along_thick_planes():
    labels = np.zeros((9, 21, 21), np.int32)
    labels[4, 10, 10] = 1
    image = np.zeros(labels.shape)
    image[[2, 6]] = 100  # 2 planes of 4 away are 8, further than the ring of 4
    table = measure_objects(labels, image, spacing=(4, 1, 1))
    assert table["intensity_contrast"][0] == 0
    assert measure_objects(labels, image)["intensity_contrast"][0] < 0


@pytest.mark.parametrize("axes", ["TZYX", "ZTYX", "YTXZ"])
@pytest.mark.parametrize("ndim", [2, 3])
def test_rows_are_led_by_their_planes(axes, ndim):
    stack = np.zeros((2, 3, 8, 9), np.int32)
    stack[0, :2, 1:4, 2:5], stack[1, 2, 5:, 3:] = 4, 9
    image = np.random.default_rng(0).random((2, *stack.shape))
    order = ["TZYX".index(letter) for letter in axes]
    given, seen = stack.transpose(order), image.transpose([0, *(each + 1 for each in order)])
    found = measure_objects(given, seen, axes=axes, ndim=ndim)
    same_tables(found, measure_objects(stack, image, ndim=ndim))
    frames = {2: [(0, 0, 4), (0, 1, 4), (1, 2, 9)], 3: [(0, 4), (1, 9)]}[ndim]
    lead = ["t", "z", "label"] if ndim == 2 else ["t", "label"]
    assert list(found)[: len(lead)] == lead
    assert list(zip(*(found[name].tolist() for name in lead), strict=True)) == frames


@pytest.mark.parametrize(("ndim", "unit", "size"), [(2, "µm", 5.0), (3, "px", 60.0)])
def test_what_is_not_known_along_depth_is_measured_in_pixels(ndim, unit, size):
    labels = np.ones((3, 4, 5), np.uint8)
    spacing = (None, 0.5, 0.5)
    table = measure_objects(labels, axes="ZYX", ndim=ndim, spacing=spacing, unit="µm")
    assert (table["unit"][0], table["area" if ndim == 2 else "volume"][0]) == (unit, size)


@pytest.mark.parametrize("order", ["ZYX", "YXZ", "XYZ"])
def test_a_spacing_follows_the_axes(ndim, order):
    labels = np.zeros((4, 8, 7), int)
    labels[1:3, :5, :4] = 1
    sizes = {"Z": 5.0, "Y": 0.5, "X": 0.25}
    given = labels.transpose(["ZYX".index(letter) for letter in order])
    asked = {"axes": order, "ndim": ndim, "spacing": [sizes[letter] for letter in order]}
    expected = measure_objects(labels, axes="ZYX", ndim=ndim, spacing=(5.0, 0.5, 0.25))
    same_tables(measure_objects(given, **asked), expected)


def test_without_objects_there_are_the_same_columns(ndim):
    labels = np.zeros((8,) * ndim, np.int32)
    image = np.ones((2, *labels.shape))
    told = Evidence(labels, image[0], image[0], image[0])
    some = make_labels(ndim)
    ones = np.ones(some.shape)
    other = measure_objects(some, np.stack([ones, ones]), evidence=Evidence(some, ones, ones, ones))
    none = measure_objects(labels, image, evidence=told)
    assert list(none) == list(other)
    assert {len(column) for column in none.values()} == {0}


def test_a_unit_of_many_letters_stays_whole():
    request = MeasureRequest(spacing=(1, 1), unit="thousandths of an inch")
    table = measure_objects(np.eye(4, dtype=int), request=request)
    assert set(table["unit"]) == {"thousandths of an inch"}


def test_class_of_most_pixels():
    labels = np.repeat([[1, 1, 1, 0, 7, 7]], 2, axis=0)
    classes = np.array([[2, 2, 1, 0, 1, 3], [2, 1, 2, 0, 3, 3]])
    assert measure_objects(labels, evidence=Evidence(classes))["class"].tolist() == [2, 3]


def test_background_is_the_class_of_no_object(small_blocks):
    labels = np.repeat([[1] * 5 + [0] + [4] * 4 + [0, 9, 9]], 30, axis=0)
    classes = np.repeat([[0, 0, 0, 2, 1, 1, 0, 0, 0, 3, 0, 0, 0]], 30, axis=0)
    classes[0, 3] = 1  # of two as frequent otherwise
    table = measure_objects(labels, evidence=Evidence(classes))
    assert table["class"].tolist() == [1, 3, 1]
    assert measure_objects(labels, evidence=Evidence(classes > 0))["class"].tolist() == [1] * 3
    assert dict(zip(table["label"], table["class"], strict=True)) == class_of_each(labels, classes)


def test_doubt_rises_with_each_sign_of_it():
    labels = np.array([[1, 1, 0, 2, 2]])
    sure = np.where(labels > 0, 1.0, 0.0)

    def doubt(**told):
        return measure_objects(labels, evidence=Evidence(**told))["doubt"].tolist()

    assert doubt(probability=sure, height=sure, spread=0 * sure) == [0, 0]
    unsure, low = sure.copy(), sure.copy()
    unsure[labels == 2], low[labels == 1] = 0.75, 0.4
    assert doubt(probability=unsure) == pytest.approx([0, 0.5])
    assert doubt(height=low) == pytest.approx([0.6, 0])
    assert doubt(spread=np.full(labels.shape, 0.125)) == pytest.approx([0.5, 0.5])
    both = doubt(probability=unsure, height=low, spread=np.full(labels.shape, 0.05))
    assert both == pytest.approx([1 - 0.4 * 0.8, 1 - 0.5 * 0.8])
    assert "doubt" not in measure_objects(labels)


def test_a_shallow_valley_to_a_neighbour_is_doubtful(ndim):
    labels = np.array([[1, 1, 2, 2, 0, 3]]).reshape((1,) * (ndim - 1) + (6,))
    height = np.array([1.0, 0.25, 0.5, 1, 0.9, 1]).reshape(labels.shape)
    table = measure_objects(labels, evidence=Evidence(height=height))
    assert table["doubt"].tolist() == pytest.approx([0.25, 0.25, 0])
    assert (
        measure_objects(labels, evidence=Evidence(height=0 * height))["doubt"].tolist() == [1] * 3
    )


def test_what_a_segmentation_knows(ndim):
    labels = make_labels(ndim)
    foreground = np.where(labels == 1, 0.9, 0.6).astype(np.float32)
    result = Segmentation(
        labels.astype(np.int32),
        labels.astype(np.uint8),
        np.stack([1 - foreground, foreground]),
        foreground,
        ndim,
    )
    table = measure_objects(result.instances, evidence=Evidence.of(result))
    np.testing.assert_allclose(table["probability"], [0.9, 0.6], rtol=1e-6)
    np.testing.assert_allclose(table["doubt"], [1 - 0.8 * 0.9, 1 - 0.2 * 0.6], rtol=1e-6)
    assert table["class"].tolist() == [1, 2]


def test_lazy_arrays_are_read_part_by_part(small_blocks):
    labels = make_labels(2)
    image = np.random.default_rng(0).random((2, *labels.shape))
    read = []

    def block(part):
        read.append(part.shape)
        return part

    lazy = array.from_array(labels, chunks=9).map_blocks(block, dtype=labels.dtype, meta=labels[:0])
    same_tables(
        measure_objects(labels, image), measure_objects(lazy, array.from_array(image, chunks=16))
    )
    assert Counter(read).most_common(1)[0][0] == (9, 9)


@pytest.mark.parametrize(
    ("labels", "image", "fields", "sentence"),
    [
        (np.ones(3, int), None, {}, "2 to 4 axes"),
        (np.full((3, 3), 0.5), None, {}, "decimal"),
        (np.ones((3, 3), bool), None, {}, "mask"),
        (np.full((3, 3), -1), None, {}, "negative"),
        (np.full((3, 3), 2**63, np.uint64), None, {}, "above 9,223,372,036,854,775,807"),
        (array.from_array(np.full((3, 3), 0.5)), None, {}, "decimal"),
        (np.ones((0, 3), int), None, {}, "no pixels"),
        (np.ones((0, 3, 3), int), None, {"axes": "TYX"}, "no pixels"),
        (np.ones((2, 3, 3), int), None, {"axes": "CYX"}, "label image .axes CYX. has channels"),
        (np.ones((3, 3), int), None, {"ndim": 3}, "no Z axis"),
        (np.ones((3, 3), int), None, {"ndim": 1}, "planes"),
        (np.ones((3, 3), int), None, {"spacing": (1.0,)}, "1 pixel size does not fit"),
        (np.ones((3, 3), int), None, {"spacing": 0.5}, "one for each axis, not 0.5"),
        (np.ones((3, 3), int), None, {"spacing": (1.0, 0.0)}, "above 0"),
        (np.ones((3, 3), int), np.ones((3, 4)), {}, "does not lie on"),
        (np.ones((3, 3), int), np.full((3, 3), np.nan), {}, "NaN"),
        (np.ones((3, 3), int), np.ones((2, 3, 3)), {"channels": ("a",)}, "2 channels, but 1 name"),
    ],
)
def test_what_cannot_be_measured_is_refused(labels, image, fields, sentence):
    with pytest.raises(UserError, match=sentence):
        measure_objects(labels, image, **fields)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"probability": np.uint8([[200, 10, 7]])}, "from 0 to 1, but those of objects are 7 to"),
        ({"probability": np.array([[0.9, 0, np.nan]])}, "probability of a pixel is a number from"),
        ({"spread": np.array([[-0.5, 0, 0]])}, "spread of a pixel is a number from 0 to 1"),
        ({"height": np.array([[1, 0, np.nan]])}, "height of some pixels"),
        ({"classes": np.array([[1, 0, 1.5]])}, "image of classes holds decimal"),
    ],
)
def test_evidence_that_makes_no_sense_is_refused(told, sentence):
    with pytest.raises(UserError, match=sentence):
        measure_objects(np.array([[1, 0, 2]]), evidence=Evidence(**told))


def test_whole_decimal_numbers_are_labels_wherever_they_are_kept():
    labels = make_labels(2)
    expected = measure_objects(labels)
    decimal = labels.astype(float)
    for kept in (decimal, array.from_array(decimal, chunks=9)):
        same_tables(measure_objects(kept), expected)
    classes = Evidence(classes=decimal)
    assert measure_objects(labels, evidence=classes)["class"].tolist() == [1, 2]


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_values_of_a_file_are_checked_where_they_are_read(small_blocks, value):
    labels = make_labels(2)
    image = labels.astype(float)
    image[tuple(np.argwhere(labels == labels.max())[0])] = value
    lazy = array.from_array(image, chunks=5)
    with pytest.raises(UserError) as in_memory:
        measure_objects(labels, image)
    with pytest.raises(UserError) as in_file:
        measure_objects(labels, lazy)
    assert str(in_file.value) == str(in_memory.value)


def test_names_of_channels():
    labels = make_labels(2)
    table = measure_objects(labels, np.stack([labels, labels]), channels=("DAPI", "GFP"))
    names = [name for name in table if name.startswith("intensity_mean")]
    assert names == ["intensity_mean_DAPI", "intensity_mean_GFP"]
    assert list(itertools.islice(measure_objects(labels, labels), 1)) == ["label"]
