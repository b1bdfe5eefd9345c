"""Labels and grey images told from each other."""

import numpy as np
import pytest
from scipy import ndimage

from napari_unet.core.errors import UserError
from napari_unet.core.instances.looks import (
    check_objects,
    image_doubt,
    look_grey,
    look_like_labels,
)
from napari_unet.io.bundled import load_sample

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


def test_an_image_that_looks_like_labels_is_doubted():
    image, labels = load_sample("nuclei2d")
    (told,) = image_doubt(labels.data, "a.tif")
    assert told.startswith("a.tif looks like labels")
    assert image_doubt(image.data, "a.tif") == []
    assert image_doubt(labels.data.astype(np.float32), "a.tif") == []
