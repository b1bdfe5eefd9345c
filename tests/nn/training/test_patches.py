"""Batches: image, target and weight map move together, and a step always gives the same one."""

import numpy as np
import pytest
import torch

from napari_unet.core.config import IGNORE, ModelConfig, TargetConfig
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.training.patches import Patches, class_factors, training_image
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample

CPU = torch.device("cpu")
STILL = TrainConfig(rotate=False, flip=False, zoom=1, elastic=0, intensity=0, blur=0, noise=0)
GEOMETRY = TrainConfig(intensity=0, blur=0, noise=0)


def run_config(ndim, **changes):
    semantic = changes.get("semantic", False)
    classes = ("a", "b") if semantic else ("a",)
    model = ModelConfig(ndim=ndim, classes=classes, height=not semantic)
    return RunConfig(model=model, **changes)


def annotated(ndim, size=30, seed=0):
    """Two objects; the image shows them as they are; one corner is ignored (9)."""
    labels = np.zeros((size,) * ndim, np.int32)
    labels[(slice(4, 14),) * ndim] = 1
    labels[(slice(17, 27),) * ndim] = 2
    image = (labels > 0).astype(np.float32)[np.newaxis]
    labels[(slice(0, 8),) * ndim] = 9
    return Sample("one", image, labels)


def patches(ndim, train, patch=17, **changes):
    image = training_image(annotated(ndim), run_config(ndim, ignore=9, **changes))
    return Patches([image], train, (patch,) * ndim, (patch,) * ndim)


def parts(batch):
    return batch.image, batch.semantic, batch.height, batch.weight


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_batch_has_the_shapes_and_types_that_it_says(ndim):
    batch = patches(ndim, TrainConfig(batch=3)).draw(0, CPU)
    size = (17,) * ndim
    assert batch.image.shape == (3, 1, *size)
    assert batch.semantic.dtype == torch.int64
    for part in (batch.semantic, batch.height, batch.weight):
        assert part.shape == (3, *size)
    for part in (batch.image, batch.height, batch.weight):
        assert part.dtype == torch.float32
        assert part.isfinite().all()


def test_deformation_knows_the_size_of_a_voxel():
    config, spacing = STILL.replace(elastic=3, batch=8), TargetConfig(spacing=(9.0, 1.0, 1.0))
    flat, cubic = (patches(3, config, targets=each) for each in (spacing, TargetConfig()))
    unmoved = patches(3, STILL.replace(batch=8)).draw(0, CPU).image
    moved = [(each.draw(0, CPU).image - unmoved).abs().mean() for each in (flat, cubic)]
    assert 0 < moved[0] < moved[1]


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_same_step_gives_the_same_batch_and_another_another(ndim):
    config = TrainConfig(batch=2)
    one, other = patches(ndim, config), patches(ndim, config)
    other.draw(3, CPU)
    assert all(map(torch.equal, parts(one.draw(5, CPU)), parts(other.draw(5, CPU))))
    assert not torch.equal(one.draw(5, CPU).image, one.draw(6, CPU).image)
    seeded = patches(ndim, config.replace(seed=1))
    assert not torch.equal(one.draw(5, CPU).image, seeded.draw(5, CPU).image)


@pytest.mark.parametrize("ndim", [2, 3])
def test_without_augmentation_a_patch_is_cut_out(ndim):
    image = training_image(annotated(ndim), run_config(ndim, ignore=9))
    batch = Patches([image], STILL.replace(batch=4), (17,) * ndim, (17,) * ndim).draw(0, CPU)
    windows = np.lib.stride_tricks.sliding_window_view
    everywhere = windows(image.smooth, (17,) * ndim, axis=range(1, ndim + 1))
    classes = windows(image.semantic[0], (17,) * ndim)
    for index in range(4):
        wanted = batch.semantic[index].numpy()
        inner = tuple(range(ndim, 2 * ndim))
        (at, *_) = np.argwhere((classes == wanted).all(axis=inner))
        found = [batch.image[index, 0], batch.height[index], batch.weight[index]]
        for channel, part in zip(everywhere, found, strict=True):
            known = wanted != IGNORE
            np.testing.assert_allclose(part[known], channel[tuple(at)][known], atol=2e-3)


@pytest.mark.parametrize("ndim", [2, 3])
def test_image_and_target_move_together(ndim):
    batch = patches(ndim, GEOMETRY.replace(batch=8, elastic=2)).draw(0, CPU)
    known = batch.semantic != IGNORE
    inside = batch.image[:, 0] > 0.5
    agree = (inside == (batch.semantic == 1))[known]
    assert agree.float().mean() > 0.97
    assert batch.height[known & ~inside].max() < 0.3
    assert batch.height[known & inside].mean() > 0.3


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_weight_map_moves_with_the_image(ndim):
    batch = patches(ndim, GEOMETRY.replace(batch=8)).draw(1, CPU)
    heavy = batch.weight > 1.5
    assert heavy.any()
    assert (batch.semantic[heavy] == 0).float().mean() > 0.8


@pytest.mark.parametrize("ndim", [2, 3])
def test_ignored_pixels_weigh_nothing_after_warping(ndim):
    batch = patches(ndim, TrainConfig(batch=8)).draw(2, CPU)
    assert set(batch.semantic.unique().tolist()) <= {0, 1, IGNORE}
    ignored = batch.semantic == IGNORE
    assert ignored.any()
    assert not batch.weight[ignored].any()
    assert (batch.weight[~ignored] > 0).float().mean() > 0.95


@pytest.mark.parametrize("ndim", [2, 3])
def test_patches_hold_an_annotated_pixel(ndim):
    labels = np.full((40,) * ndim, 9)
    labels[(slice(0, 2),) * ndim] = 1
    labels[(slice(30, 32),) * ndim] = 0
    chance = np.random.default_rng(0)
    sparse = Sample("sparse", chance.random((1, *labels.shape)), labels)
    image = training_image(sparse, run_config(ndim, ignore=9))
    drawer = Patches([image], STILL.replace(batch=16), (11,) * ndim, (11,) * ndim)
    semantic = drawer.draw(0, CPU).semantic
    assert (semantic != IGNORE).flatten(1).any(1).all()


@pytest.mark.parametrize("semantic", [False, True])
@pytest.mark.parametrize("ndim", [2, 3])
def test_what_is_ignored_has_no_part_in_the_target(ndim, semantic):
    labels = annotated(ndim).labels
    labels[labels == 9] = 255
    shown = np.random.default_rng(0).random((1, *labels.shape))
    config = run_config(ndim, semantic=semantic, ignore=255)
    image = training_image(Sample("a", shown, labels), config)
    ignored = labels == 255
    np.testing.assert_array_equal(image.semantic[0] == IGNORE, ignored)
    assert not image.smooth[1:, ignored].any()
    assert not ignored.ravel()[image.candidates.annotated].any()


def test_a_semantic_run_ignores_255_unless_told_otherwise():
    labels = np.array([[0, 1, 2, 255]] * 4)
    image = training_image(
        Sample("a", np.random.default_rng(0).random((1, 4, 4)), labels),
        run_config(2, semantic=True),
    )
    assert image.semantic[0].tolist() == labels.tolist()
    assert image.smooth[-1].tolist() == [[1, 1, 1, 0]] * 4


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_image_smaller_than_the_patch_is_mirrored(ndim):
    image = training_image(annotated(ndim), run_config(ndim, ignore=9))
    batch = Patches([image], GEOMETRY.replace(batch=2), (48,) * ndim, (48,) * ndim).draw(0, CPU)
    assert (batch.semantic != IGNORE).float().mean() > 0.5


def test_rare_classes_count_more_so_that_all_count_the_same():
    labels = np.zeros((10, 10), int)
    labels[:2] = 1
    labels[9] = 255
    image = training_image(
        Sample("a", np.random.default_rng(0).random((1, 10, 10)), labels),
        run_config(2, semantic=True),
    )
    factors = class_factors([image, image], 3)
    assert factors.shape == (256,)
    # 70 of background, 20 of class 1, none of class 2
    assert factors[:3].tolist() == pytest.approx([90 / 140, 90 / 40, 0])
    assert not factors[3:].any()
    batch = Patches([image], STILL.replace(batch=2), (9, 9), (9, 9), factors).draw(0, CPU)
    assert torch.equal(batch.weight > 2, batch.semantic == 1)
