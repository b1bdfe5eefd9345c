"""Planes without objects are told where they look like those that hold some, and only there."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.review.bare_planes import bare_planes
from napari_unet.io.bundled import load_sample

ACROSS = 26.0


@pytest.fixture
def stack():
    """Four planes of nuclei, of which two are painted."""
    image, labels = (each.data[:4] for each in load_sample("nuclei2d"))
    painted = labels.copy()
    painted[[1, 3]] = 0
    return AnnotatedImage("a", image, "ZYX", Annotation(painted))


def find(annotated, across=ACROSS):
    return bare_planes(annotated, annotated.annotation.ignored(), across)


def disks():
    """Return labels of round objects of 19 pixels, ``(Y, X)``."""
    labels = np.zeros((128, 128), np.int32)
    for number, (y, x) in enumerate(np.ndindex(4, 4), 1):
        labels[np.hypot(*(np.indices(labels.shape).T - (16 + 32 * x, 16 + 32 * y)).T) < 10] = number
    return labels


def test_planes_that_nobody_painted(stack):
    found = find(stack)
    assert (found.painted, found.annotated, found.bare) == (2, 4, "2 planes")
    assert found.where[0] == 1


def test_empty_planes_are_left_alone(stack):
    chance, image = np.random.default_rng(0), stack.image.astype(np.float32)
    # an even slope of light is no object, however bright
    slope = np.linspace(0, image.max(), image.shape[-1])
    image[[1, 3]] = slope + chance.normal(0, 5, image[[1, 3]].shape)
    assert find(replace(stack, image=image)) is None
    assert find(replace(stack, annotation=Annotation(load_sample("nuclei2d")[1].data[:4]))) is None


@pytest.mark.parametrize("defocus", [1, 1.5, 2])
def test_objects_out_of_focus_are_not_told(defocus):
    base, chance = disks(), np.random.default_rng(0)
    away = [max(0, abs(index - 9) - 4) for index in range(19)]
    sharp = [gaussian_filter(100.0 * (base > 0), 1 + defocus * planes) for planes in away]
    image = (sharp + chance.normal(10, 3, (19, *base.shape))).astype(np.float32)
    labels = np.stack([base * (planes == 0) for planes in away])
    annotated = AnnotatedImage("a", image, "ZYX", Annotation(labels))
    assert find(annotated, 19.0) is None
    labels = labels.copy()
    labels[[7, 8, 11]] = 0
    assert find(replace(annotated, annotation=Annotation(labels)), 19.0).where[0] == 7


def test_a_frame_after_a_painted_one_is_not_out_of_focus(stack):
    image, labels = (np.stack([each[0]] * 2) for each in (stack.image, stack.annotation.instances))
    labels[1] = 0
    film = AnnotatedImage("a", image * np.float32([[[1]], [[0.9]]]), "TYX", Annotation(labels))
    assert find(film).where[0] == 1
    assert find(replace(film, axes="ZYX")) is None
    deep = film.image[:, np.newaxis], Annotation(film.annotation.instances[:, np.newaxis])
    assert find(AnnotatedImage("a", deep[0], "TZYX", deep[1])).where[:2] == (1, 0)


def test_planes_without_a_rectangle_do_not_count(stack):
    size = stack.image.shape[1:]
    boxes = np.array([[[at, 0, 0], [at + 1, *size]] for at in (0, 2)])
    some = Annotation(stack.annotation.instances, boxes=boxes)
    assert find(replace(stack, annotation=some)) is None
    every = replace(some, boxes=np.array([[[0, 0, 0], [4, *size]]]))
    assert find(replace(stack, annotation=every)).annotated == 4


def test_planes_are_found_in_any_order_of_axes(stack):
    image = stack.image.transpose(1, 0, 2)[:, :, np.newaxis]
    turned = AnnotatedImage("a", image, "YZCX", stack.annotation.transposed([1, 0, 2]))
    assert find(turned).where[1] == 1
