"""What is written is read back, whatever its axes, its numbers, its spacing and its unit."""

import csv
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from napari_unet import measure_objects
from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.image.axes import usual_order
from napari_unet.io.annotations.find import find_annotation
from napari_unet.io.annotations.read import read_annotations
from napari_unet.io.annotations.write import write_annotation
from napari_unet.io.ome_zarr import LabelPyramid, read_zarr
from napari_unet.io.read import read_image
from napari_unet.io.table import write_columns
from napari_unet.io.tiff.write import write_labels, write_tiff

DTYPES = ["u1", "u2", "u4", "i1", "i2", "i4", "f4", "f8"]
SIZES = st.floats(1e-3, 1e3)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A new folder, each time it is called."""
    top, number = tmp_path_factory.mktemp("round_trips"), count()
    return lambda: top / str(next(number))


@st.composite
def letters(draw, others="TZC"):
    """Axes in any order, rows and columns among them."""
    more = draw(st.sets(st.sampled_from(others)))
    return "".join(draw(st.permutations(["Y", "X", *sorted(more)])))


@st.composite
def arrays(draw, axes, dtype, longest=5):
    """Numbers over all of a dtype's range; a TIFF does not tell stacks of one plane."""
    shape = [draw(st.integers(1 if letter in "YX" else 2, longest)) for letter in axes]
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    if np.dtype(dtype).kind == "f":
        return (rng.standard_normal(shape) * 10.0 ** rng.integers(-9, 9)).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def spatial(axes, sizes):
    """Sizes of Z, Y and X in the order of the axes."""
    return tuple(sizes["ZYX".index(letter)] for letter in axes if letter in "ZYX")


@settings(max_examples=50)
@given(st.data())
def test_tiff(place, data):
    axes, dtype = data.draw(letters()), data.draw(st.sampled_from(DTYPES))
    pixels = data.draw(arrays(axes, dtype))
    sizes = data.draw(st.none() | st.tuples(SIZES, SIZES, SIZES))
    path = place() / "cells.tif"
    write_tiff(path, pixels, axes, sizes and spatial(axes, sizes), "µm" if sizes else "px")
    picture = read_image(path)
    order = usual_order(axes)
    usual = "".join(axes[axis] for axis in order)
    assert (picture.axes, picture.data.dtype, picture.name) == (usual, dtype, "cells")
    assert_array_equal(picture.data, pixels.transpose(order))
    assert picture.unit == ("µm" if sizes else "px")
    expected = sizes and pytest.approx(spatial(usual, sizes), rel=1e-4)
    assert picture.spacing == expected


@settings(max_examples=30)
@given(st.data())
def test_labels_as_tiff(place, data):
    axes, highest = data.draw(letters("TZ")), data.draw(st.sampled_from([1, 255, 256, 65536]))
    labels = data.draw(arrays(axes, "u4")) % (highest + 1)
    path = place() / "cells.tif"
    write_labels(path, labels, axes)
    picture = read_image(path)
    assert_array_equal(picture.data, labels.transpose(usual_order(axes)))
    assert picture.data.dtype == np.min_scalar_type(labels.max())


@settings(max_examples=15)
@given(st.data())
def test_npy(place, data):
    axes, dtype = data.draw(letters()), data.draw(st.sampled_from(DTYPES))
    pixels, path = data.draw(arrays(axes, dtype)), place() / "cells.npy"
    path.parent.mkdir()
    np.save(path, pixels)
    picture = read_image(path)
    assert (picture.axes, picture.spacing, picture.data.dtype) == (None, None, dtype)
    assert_array_equal(picture.data, pixels)


@settings(max_examples=15)
@given(st.data())
def test_label_pyramid(place, data):
    axes = data.draw(st.sampled_from(["YX", "ZYX", "TYX", "TZYX"]))
    dtype, levels = data.draw(st.sampled_from(["u1", "u2", "u4"])), data.draw(st.integers(1, 3))
    labels = data.draw(arrays(axes, dtype, longest=9))
    known = st.none() | st.tuples(SIZES, SIZES, SIZES)
    spacing, origin = (sizes and spatial(axes, sizes) for sizes in (data.draw(known),) * 2)
    chunks = tuple(data.draw(st.integers(1, 12)) for _ in axes)
    pyramid = LabelPyramid(labels.shape, axes, chunks, levels, spacing, origin)
    path = place() / "cells.zarr"
    for level, array in enumerate(pyramid.create(path, dtype, "cells")):
        array[:] = labels[..., :: 2**level, :: 2**level]
    picture = read_zarr(path)
    assert (picture.axes, picture.labels, len(picture.levels)) == (axes, True, levels)
    assert picture.unit == ("µm" if spacing else "px")
    for found, expected in ((picture.spacing, spacing), (picture.origin, origin)):
        assert found == (expected and pytest.approx(expected))
    for level, array in enumerate(picture.levels):
        assert array.dtype == dtype
        assert_array_equal(array[:], labels[..., :: 2**level, :: 2**level])


@settings(max_examples=30)
@given(st.data())
def test_table(place, data):
    axes = data.draw(letters("TZ"))
    labels = data.draw(arrays(axes, "u1")) % 4
    ndim = data.draw(st.sampled_from([2, 3])) if "Z" in axes else 2
    columns = measure_objects(labels, axes=axes, ndim=ndim)
    path = place() / "cells.csv"
    write_columns(path, [columns])
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        read = list(table)
    assert table.fieldnames == list(columns)
    for name, column in columns.items():
        assert [row[name] for row in read] == [str(each) for each in column.tolist()]


@st.composite
def annotated_images(draw):
    """An image whose channels are first, with all that can be painted on it."""
    axes = draw(st.sampled_from(["YX", "TYX", "ZYX", "TZYX"]))
    image = draw(arrays("C" + axes, draw(st.sampled_from(["u1", "u2", "f4"]))))
    image[0].flat[0] = image[-1].flat[-1] / 2 + 1  # nobody annotates what is empty
    shape = image.shape[1:]
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    corners = np.sort(rng.integers(0, 9, (draw(st.integers(0, 3)), 2, len(axes))), axis=1)
    classes = draw(st.dictionaries(st.integers(1, 3), st.integers(1, 9)))
    painted = {
        "marks": rng.integers(0, 3, shape, np.uint8),
        "weight": rng.random(shape, np.float32),
        "boxes": corners,
        "classes": classes,
    }
    chosen = draw(st.sets(st.sampled_from(sorted(painted))))
    instances = rng.integers(0, 4, shape, np.uint32)
    instances.flat[0] = 1
    annotation = Annotation(instances, **{part: painted[part] for part in chosen})
    sizes = draw(st.none() | st.tuples(SIZES, SIZES, SIZES))
    name = draw(st.text(min_size=1, max_size=20))
    return AnnotatedImage(name, image, f"C{axes}", annotation, sizes and spatial(axes, sizes))


@settings(max_examples=25)
@given(annotated_images())
def test_annotation(place, given):
    folder = place()
    name = write_annotation(folder, given)
    (read,) = read_annotations(folder)
    found, _ = find_annotation(folder, given.name, given.image)
    assert read.name == found.name == name
    assert read.axes == given.axes
    assert_array_equal(read.image, given.image)
    assert read.spacing == (given.spacing and pytest.approx(given.spacing, rel=1e-4))
    for part in ("instances", "marks", "boxes", "weight"):
        expected = getattr(given.annotation, part)
        assert (getattr(read.annotation, part) is None) == (expected is None)
        if expected is not None:
            assert_array_equal(getattr(read.annotation, part), expected)
    assert read.annotation.classes == given.annotation.classes
