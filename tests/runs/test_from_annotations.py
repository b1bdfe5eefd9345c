"""Annotated stacks become samples; what is ignored never matters, through the whole chain."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from safetensors.numpy import load_file

from napari_unet.core.annotation.annotation import IGNORED, AnnotatedImage, Annotation
from napari_unet.core.config import ModelConfig, TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.training.train import train
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.from_annotations import to_samples
from shapes import make_image, make_labels

QUICK = TrainConfig(epochs=1, steps=2, batch=2, patch=24, precision="float32", validation=0)


def annotated(ndim=2, **parts):
    labels = make_labels(ndim)
    return AnnotatedImage(
        "cells", make_image(labels), "ZYX"[-ndim:], Annotation(labels.astype(np.int32), **parts)
    )


def test_a_plane_without_annotation_is_left_out():
    labels = np.stack([make_labels(2)] * 3).astype(np.int32)
    labels[1] = 0
    marks = np.zeros(labels.shape, np.uint8)
    stack = AnnotatedImage("movie", make_image(labels), "TYX", Annotation(labels, marks))
    found = list(to_samples([stack], 2, 1))
    assert [sample.name for sample in found] == ["movie 0", "movie 2"]
    assert_array_equal(found[1].image[0], stack.image[2])
    assert_array_equal(found[1].ignored, labels[2] == 0)


def test_colour_and_depth():
    labels = make_labels(2).astype(np.int32)
    image = np.stack([make_image(labels)] * 3, axis=-1)
    (colour,) = to_samples([AnnotatedImage("a", image, "YXC", Annotation(labels))], 2, 3)
    assert colour.image.shape == (3, *labels.shape)
    (deep,) = to_samples([annotated(3)], 3, 1)
    assert_array_equal(deep.labels, make_labels(3))
    assert deep.ignored is None


def test_an_empty_annotation_is_left_out_unless_all_are_empty():
    annotation = Annotation(np.zeros((8, 8), int), np.zeros((8, 8), np.uint8))
    empty = AnnotatedImage("empty", np.zeros((8, 8)), "YX", annotation)
    assert [sample.name for sample in to_samples([empty, annotated()], 2, 1)] == ["cells"]
    with pytest.raises(UserError, match="Nothing is annotated"):
        list(to_samples([empty], 2, 1))


def learnt(folder, image, **changes):
    model = ModelConfig(
        ndim=image.annotation.instances.ndim, features=2, depth=1, classes=("a", "b")
    )
    config = RunConfig(model=model, train=QUICK, **changes)
    samples = to_samples([image], model.ndim, 1)
    return load_file(train(create_run(folder, samples, config).folder).model)


@pytest.mark.parametrize("border", ["ronneberger2015", "falk2019", "none"])
def test_ignore_law_from_the_paint_to_the_parameters(tmp_path, ndim, border):
    labels = make_labels(ndim).astype(np.int32)
    marks = np.zeros(labels.shape, np.uint8)
    marks[..., :30] = IGNORED
    box = np.array([[[0] * ndim, labels.shape]])
    painted = np.where(
        marks == IGNORED, np.random.default_rng(0).integers(0, 9, marks.shape), labels
    )
    results = []
    for number, given in enumerate((labels, painted)):
        annotation = Annotation(given, marks, box, classes={1: 2})
        image = replace(annotated(ndim), annotation=annotation)
        targets = TargetConfig(border=border, class_balance=True)
        results.append(learnt(tmp_path / str(number), image, targets=targets))
    for key, value in results[0].items():
        assert_array_equal(results[1][key], value)


def test_a_painted_weight_map_is_used_as_it_is(tmp_path):
    """All weight on one object: what is painted elsewhere teaches nothing, class balance or not."""
    labels = make_labels(2).astype(np.int32)
    weight = (labels == 1).astype(np.float32)
    other = np.where(labels == 2, 0, labels)
    results = {
        (balance, name): learnt(
            tmp_path / f"{balance}{name}",
            replace(annotated(), annotation=Annotation(given, weight=weight)),
            targets=TargetConfig(class_balance=balance),
        )
        for balance in (False, True)
        for name, given in (("both", labels), ("one", other))
    }
    for key, value in results[False, "both"].items():
        assert_array_equal(results[True, "both"][key], value)
    assert any(
        (results[False, "one"][key] != value).any()
        for key, value in learnt(tmp_path / "plain", annotated()).items()
    )


def test_samples_know_the_size_of_their_pixels():
    labels = make_labels(3).astype(np.int32)
    volume = AnnotatedImage("a", make_image(labels), "ZYX", Annotation(labels), (2.0, 0.5, 0.25))
    assert next(to_samples([volume], 3, 1)).pixel == (2.0, 0.5, 0.25)
    assert next(to_samples([volume], 2, 1)).pixel == (0.5, 0.25)
    for spacing in (None, (0.5, 0.25)):
        assert next(to_samples([replace(volume, spacing=spacing)], 3, 1)).pixel is None
