"""Labels that belong to another image, or are mirrored, lie on nothing."""

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.review.lying import FEWEST, lie_elsewhere, place_doubt
from napari_unet.core.review.review import review
from napari_unet.io.bundled import load_sample

WORDS = "not lie on what can be seen"


@pytest.fixture(scope="module")
def planes():
    image, truth = load_sample("nuclei2d")
    return list(zip(image.data[:4], truth.data[:4].astype(np.int32), strict=True))


def told(pairs, axes="YX", ndim=2):
    images = [
        AnnotatedImage(name, image, axes, Annotation(labels))
        for name, (image, labels) in zip("abcd", pairs, strict=False)
    ]
    return [finding for finding in review(images, ndim) if WORDS in finding.text]


@pytest.mark.parametrize("seen", [lambda grey: grey, lambda grey: ~grey])
def test_right_labels_are_left_alone_on_dark_and_on_bright_ground(planes, seen):
    assert told([(seen(image), labels) for image, labels in planes]) == []


@pytest.mark.parametrize("wrong", [np.flipud, np.fliplr, lambda labels: np.rot90(labels, 2)])
def test_mirrored_labels_are_told_once_for_all(planes, wrong):
    (finding,) = told([(image, wrong(labels).copy()) for image, labels in planes])
    assert finding.level == "warning"
    assert finding.text.startswith(("The labels of 4 of 4", "The labels of 3 of 4"))


def test_one_image_with_the_labels_of_another_is_named(planes):
    pairs = [*planes[:3], (planes[3][0], planes[0][1])]
    (finding,) = told(pairs)
    assert finding.name == "d"


def test_a_stack_is_judged_by_most_of_its_planes(planes):
    image, labels = (np.stack(parts) for parts in zip(*planes, strict=True))
    assert told([(image, labels)], "TYX") == []
    assert len(told([(image, labels[:, ::-1].copy())], "TYX")) == 1


def test_objects_that_are_laid_on_another_image_are_told_whatever_its_axes(planes):
    image, labels = (np.stack(parts) for parts in zip(*planes, strict=True))
    several = np.stack([image, np.zeros_like(image)], -1)
    for seen, axes in ((image, "TYX"), (several, "TYXC")):
        assert place_doubt(labels, "TYX", seen, axes) == []
        (told,) = place_doubt(labels, "TYX", np.roll(seen, 1, axis=0), axes)
        assert "can be seen of the objects" in told
    turned = np.swapaxes(image.reshape(2, 2, *image.shape[1:]), 0, 1)
    assert place_doubt(labels.reshape(2, 2, *labels.shape[1:]), "TZYX", turned, "ZTYX") == []


def test_nothing_is_said_of_an_image_without_values(planes):
    image, labels = planes[1][0], planes[0][1]
    spoilt = image.astype(np.float32)
    assert place_doubt(labels, "YX", spoilt, "YX")
    spoilt[100, 100] = np.nan
    assert place_doubt(labels, "YX", spoilt, "YX") == []


def test_few_objects_and_ignored_pixels_are_not_judged(planes):
    image, labels = planes[0]
    few = np.where(labels < np.unique(labels)[FEWEST], labels, 0)[::-1].copy()
    assert told([(image, few)]) == []
    counts = np.zeros(labels.shape, bool)
    assert not lie_elsewhere(image[np.newaxis], labels[::-1], counts)


def test_colours_and_volumes_are_judged_and_membranes_lie_on_something():
    tissue, truth = load_sample("tissue_rgb")
    seen, labels = np.moveaxis(tissue.data, -1, 0), truth.data
    counts = np.ones(labels.shape, bool)
    assert not lie_elsewhere(seen, labels, counts)
    assert lie_elsewhere(seen, labels[::-1], counts)
    deep, cells = load_sample("nuclei3d")
    counts = np.ones(cells.data.shape, bool)
    assert not lie_elsewhere(deep.data[np.newaxis], cells.data, counts)
    tiles = np.random.default_rng(0).permutation(np.arange(1, 82)).reshape(9, 9)
    tiles = np.roll(np.kron(tiles, np.ones((17, 13), int)), (5, 3), (0, 1))
    walls = (np.gradient(tiles.astype(float))[0] != 0) | (np.gradient(tiles.astype(float))[1] != 0)
    assert not lie_elsewhere(walls[np.newaxis] * 200.0, tiles, np.ones(tiles.shape, bool))
