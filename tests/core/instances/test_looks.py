"""Labels and grey images told from each other."""

import dask.array
import numpy as np
import pytest
import zarr
from scipy import ndimage

from napari_unet import (
    border_weight_map,
    evaluate,
    falk_weight_map,
    grow_cells,
    measure,
    measure_cells,
    measure_objects,
)
from napari_unet.core.errors import UserError
from napari_unet.core.instances.looks import (
    check_objects,
    image_doubt,
    look_grey,
    look_like_labels,
    numbers_doubt,
    refuse_mixed_up,
)
from napari_unet.io.bundled import load_sample
from shapes import film, numbered_anew

RANDOM = np.random.default_rng(0)


def test_what_looks_like_labels():
    random = np.random.default_rng(0)
    labels = np.zeros((3, 60, 60), np.uint16)
    labels[:, 5:25, 5:25], labels[:, 25:45, 5:25], labels[1, 30:50, 40:55] = 1, 2, 900
    assert look_like_labels(labels)
    assert look_like_labels(np.where(labels[0], 255, 0).astype(np.uint8))
    light = random.poisson(0.05, (60, 60)).astype(np.uint8)
    ramp = np.add.outer(np.arange(60), np.arange(60)) // 4
    noisy = np.where(labels[0], random.integers(90, 120, (60, 60)), 0)
    for image in (
        light,
        ramp,
        noisy,
        labels[0] + 1,
        np.zeros((60, 60), int),
        -labels[0].astype(int),
    ):
        assert not look_like_labels(image)


@pytest.mark.parametrize("name", ["nuclei2d", "tissue_rgb", "nuclei3d", "neuron"])
def test_images_are_grey_and_labels_are_not(name):
    image, labels = load_sample(name)
    grey = image.data[..., 0] if "C" in (image.axes or "") else image.data
    for plane, painted in zip(planes(grey), planes(labels.data), strict=True):
        smooth = ndimage.gaussian_filter(plane, 2)
        for picture in (plane, smooth, plane.astype(np.uint16) * 257):
            assert look_grey(picture)
        for objects in (painted, painted[::4, ::4], painted * np.uint64(2**40)):
            assert not look_grey(objects)


def planes(stack):
    return stack.reshape(-1, *stack.shape[-2:])


def test_unusual_labels_are_not_grey():
    tiles = np.arange(1, 401).reshape(20, 20)
    marks = np.zeros(65536, np.int64)
    marks[RANDOM.choice(65536, 3000, replace=False)] = np.arange(1, 3001)
    classes = ndimage.gaussian_filter(RANDOM.random((300, 300)), 8) * 160
    classes = (classes // 1 % 3).astype(np.uint8)
    lines = np.tile((np.arange(90) // 3 + 1) * (np.arange(90) % 3 > 0), (30, 1))
    for labels in (
        np.kron(tiles, np.ones((2, 2), int)),  # touching objects of four pixels, no background
        marks.reshape(256, 256),
        classes,
        lines,
        np.zeros((9, 9), int),
        np.arange(9),
    ):
        assert not look_grey(labels)
        check_objects(labels, None, "It")


def test_grey_is_refused_and_may_be_ignored():
    noise = RANDOM.poisson(3, (2, 64, 64))
    with pytest.raises(UserError, match=r"^The truth looks like a grey image"):
        check_objects(noise, None, "The truth")
    noise[:, 20:44, 20:44] = 1
    painted = np.where(noise == 1, 1, 255)
    check_objects(painted, "TYX", "The truth", ignore=255)
    with pytest.raises(UserError, match="negative numbers"):
        check_objects(-noise, None, "It")


def test_dim_light_of_few_levels_is_an_image():
    plane = ndimage.gaussian_filter(load_sample("nuclei2d")[0].data[1].astype(float), 1)
    for levels in (4, 6, 9):
        dim = np.round(plane / plane.max() * levels).astype(np.uint8)
        assert not look_like_labels(dim)
    assert look_like_labels(dim // 4)
    assert look_like_labels(dim * (dim == 3))


def test_an_image_that_looks_like_labels_is_doubted():
    image, labels = load_sample("nuclei2d")
    (told,) = image_doubt(labels.data, "a.tif")
    assert told.startswith(
        "a.tif looks like labels, not like an image: give the microscope's image"
    )
    assert image_doubt(image.data, "a.tif") == []
    assert image_doubt(labels.data.astype(np.float32), "a.tif") == []


@pytest.mark.parametrize(
    ("call", "subject"),
    [
        (evaluate, "The prediction"),
        (lambda wrong, right: evaluate(right, wrong), "The truth"),
        (lambda wrong, right: measure(wrong), "The label image"),
        (measure_objects, "The label image"),
        (measure_cells, "The nuclei image"),
        (lambda wrong, right: measure_cells(right, wrong), "The cell image"),
        (lambda wrong, right: grow_cells(wrong, 2), "The nuclei image"),
        (lambda wrong, right: border_weight_map(wrong), "The label image"),
        (lambda wrong, right: falk_weight_map(wrong), "The label image"),
    ],
)
def test_an_image_or_a_mask_that_a_program_gives_for_labels_is_refused(call, subject):
    image, labels = (picture.data[0] for picture in load_sample("nuclei2d"))
    with pytest.raises(UserError, match=f"^{subject} looks like a grey image"):
        call(image, labels)
    with pytest.raises(UserError, match=f"^{subject} has one number only, 255"):
        call(np.where(labels > 0, 255, 0), labels)
    call(labels.astype(np.float32), labels)


def test_to_take_numbers_for_classes_is_advised_only_where_that_can_be_done():
    mask = np.tile(np.pad(np.ones((5, 5), int), 2), 3)
    with pytest.raises(UserError, match=r"scikit-image's label\), or take the numbers for classes"):
        check_objects(mask, "YX", "The label image", classes=True)
    with pytest.raises(UserError, match=r"scikit-image's label\)\.$"):
        check_objects(mask, "YX", "The label image")


def test_what_may_be_labels_is_not_mixed_up():
    _, labels = load_sample("nuclei2d")
    one = np.where(labels.data[0] == labels.data[0].max(), 255, 0)
    several = np.where(labels.data[0] > 0, 7, 0)  # a neuron in a plane is in many pieces
    tiny = np.arange(64).reshape(8, 8)
    classes = np.kron(RANDOM.integers(0, 3, (60, 60)), np.ones((2, 2), int))  # coarse, of 3 kinds
    for given in (
        one,
        several,
        classes,
        tiny,
        -tiny,
        labels.data,
        np.zeros((0, 9), int),
        np.arange(9),
    ):
        refuse_mixed_up(given)
    noise = RANDOM.poisson(3, (80, 80))
    refuse_mixed_up(noise, ignore=noise > 0)
    refuse_mixed_up(noise * 0.5)
    for lazy in (dask.array.from_array(noise), zarr.array(noise)):
        with pytest.raises(UserError, match="grey image"):
            refuse_mixed_up(lazy)


@pytest.mark.parametrize("of", [np.asarray, dask.array.from_array, zarr.array])
def test_numbers_that_are_given_anew_in_each_frame_are_told(of):
    labels = numbered_anew(film())
    (told,) = numbers_doubt(of(labels), "TYX", 2)
    assert "from frame to frame" in told
    assert "Follow" in told
    assert numbers_doubt(of(labels[:, None]), "TZYX", 3) == [told]
    (told,) = numbers_doubt(of(labels), "ZYX", 3)
    assert "from plane to plane" in told
    assert numbers_doubt(of(np.moveaxis(labels, 0, 2)), "YXZ", 3) == [told]
    # in 2D a plane has objects of its own
    assert not numbers_doubt(of(labels), "ZYX", 2)


def test_numbers_of_objects_that_were_followed_or_lie_in_depth_are_right():
    followed = film(frames=10)
    assert not numbers_doubt(followed, "TYX", 2)
    assert not numbers_doubt(film(step=8.0), "TYX", 2)
    # the stage moves by two cells
    drift = np.stack([np.roll(frame, 16 * at, 1) for at, frame in enumerate(followed)])
    assert not numbers_doubt(drift, "TYX", 2)
    # few and fast
    fast = np.zeros((6, 128, 128), np.uint8)
    for at, frame in enumerate(fast):
        frame[10:16, 20 * at : 20 * at + 6], frame[60:66, 100 - 18 * at :][:, :6] = 1, 2
    assert not numbers_doubt(fast, "TYX", 2)
    for labels in (load_sample("nuclei3d")[1].data, followed[:1], followed[:, :0], followed * 0):
        assert not numbers_doubt(labels, "ZYX", 3)
        assert not numbers_doubt(labels, "TYX", 2)
    # two pieces each, as far from each other as can be
    pieces = np.zeros((20, 128, 128), np.uint8)
    for number in range(1, 11):
        pieces[:8, 12 * number - 8 : 12 * number, :8] = number
        pieces[9:, 120 - 12 * number : 128 - 12 * number, 100:108] = number
    assert not numbers_doubt(pieces, "ZYX", 3)


def test_the_middle_of_large_planes_tells_how_numbers_go_on():
    labels = numbered_anew(film())
    middle, corner = (np.pad(labels, ((0, 0), *[around] * 2)) for around in ((636, 636), (0, 1272)))
    assert numbers_doubt(middle, "TYX", 2)
    assert not numbers_doubt(corner, "TYX", 2)
