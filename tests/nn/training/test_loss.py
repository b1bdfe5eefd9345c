"""The loss against values by hand, and blind to what is ignored."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.config import IGNORE
from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.training.loss import (
    Batch,
    build_target,
    dice,
    dice_loss,
    height_loss,
    loss,
    weighted_cross_entropy,
)

IGNORES = [-100, 255, -1, 0, 1, 2]


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.int16])
@pytest.mark.parametrize("ignore", [-100, 255, -1])
@pytest.mark.parametrize("ndim", [2, 3])
def test_the_target_is_one_hot_but_for_ignored_pixels(ndim, ignore, dtype):
    target = torch.tensor([0, 1, 2, ignore], dtype=dtype).reshape(1, *[1] * (ndim - 1), 4)
    built = build_target(target, 3, ignore)
    assert built.dtype == torch.float32
    assert built.shape == (1, 3, *[1] * (ndim - 1), 4)
    expected = [[1, 0, 0, ignore], [0, 1, 0, ignore], [0, 0, 1, ignore]]
    assert built.reshape(3, 4).tolist() == expected


def test_the_target_has_two_classes_and_minus_100_by_default():
    target = torch.tensor([[[0, 1, -100]]])
    before = target.clone()
    assert build_target(target).reshape(2, 3).tolist() == [[1, 0, -100], [0, 1, -100]]
    assert torch.equal(target, before)


def test_a_class_that_there_is_not_is_told():
    for wrong in (2, 255, -1):
        with pytest.raises(UserError, match=r"from 0 to 1, .* must be -100 \(ignore_index\)"):
            build_target(torch.tensor([[[0, 1, wrong]]]))


def test_minus_100_is_no_class_of_an_unsigned_target():
    target = torch.tensor([[[156, 0]]], dtype=torch.uint8)
    assert build_target(target, 157)[0, 156, 0, 0] == 1


@pytest.mark.parametrize("ignore", IGNORES)
@pytest.mark.parametrize("ndim", [2, 3])
def test_dice_counts_known_pixels_only(ndim, ignore):
    chance = np.random.default_rng(0)
    target = torch.from_numpy(chance.integers(0, 3, (2, *[5] * ndim)))
    target[chance.random(target.shape) < 0.3] = ignore
    probabilities = torch.from_numpy(chance.random((2, 3, *[5] * ndim), np.float32))
    found = dice(probabilities, build_target(target, 3, ignore), ignore)
    known = target != ignore
    for number in range(3):
        truth, guess = (target == number)[known].float(), probabilities[:, number][known]
        expected = (2 * (truth * guess).sum() + 1e-6) / (truth.sum() + guess.sum() + 1e-6)
        assert found[number] == pytest.approx(float(expected), abs=1e-5)


def test_dice_by_hand():
    target = torch.tensor([[[0, 1, 1, 255]]])
    probabilities = torch.tensor([[[[0.5, 0.5, 0.0, 0.0]], [[0.5, 0.5, 1.0, 1.0]]]])
    found = dice(probabilities, build_target(target, 2, 255), 255)
    # class 0: 2 * 0.5 / (1 + 1); class 1: 2 * 1.5 / (2 + 2)
    assert found.tolist() == pytest.approx([0.5, 0.75], abs=1e-5)


def test_a_class_that_neither_has_counts_as_right():
    probabilities = torch.tensor([[1.0, 1.0], [0.0, 0.0]]).reshape(1, 2, 1, 2)
    target = torch.zeros(1, 1, 2, dtype=torch.int64)
    assert dice(probabilities, build_target(target)).tolist() == [1, 1]


@pytest.mark.parametrize("number", [0, 1])
def test_one_class_alone_can_be_learnt(number):
    target = torch.full((1, 4, 4), number)
    right = torch.zeros(1, 2, 4, 4)
    right[:, number] = 40
    wrong = torch.zeros(1, 2, 4, 4)
    wrong[:, 1 - number] = 40
    assert dice_loss(right, target) < 1e-3
    assert dice_loss(wrong, target) > 0.99


def test_cross_entropy_by_hand():
    logits = torch.tensor([[0.0, math.log(3), 5.0], [0.0, 0.0, -7.0]]).reshape(1, 2, 1, 3)
    target = torch.tensor([[[0, 1, 255]]])
    weight = torch.tensor([[[1.0, 3.0, 9.0]]])
    expected = (math.log(2) + 3 * math.log(4)) / 4
    assert float(weighted_cross_entropy(logits, target, weight)) == pytest.approx(expected)


def test_height_by_hand():
    height, truth = torch.tensor([[[0.0, 0.05, 1.0, 9.0]]]), torch.zeros(1, 1, 4)
    weight = torch.tensor([[[1.0, 2.0, 3.0, 0.0]]])
    # smooth L1 with beta 0.1: x^2 / 0.2 below 0.1, x - 0.05 above
    expected = (0 + 2 * 0.05**2 / 0.2 + 3 * 0.95) / 6
    assert float(height_loss(height, truth, weight)) == pytest.approx(expected)


def random_batch(ndim, size=6, seed=0):
    chance = torch.Generator().manual_seed(seed)
    shape = (2, *[size] * ndim)
    semantic = torch.randint(0, 3, shape, generator=chance)
    return Batch(
        torch.rand(2, 1, *shape[1:], generator=chance),
        semantic.masked_fill(torch.rand(shape, generator=chance) < 0.3, IGNORE),
        torch.rand(shape, generator=chance),
        torch.rand(shape, generator=chance) * 5,
    )


def loss_and_gradient(output, batch, config=TrainConfig()):
    output = output.clone().requires_grad_()
    value = loss(output, batch, 3, config)
    value.backward()
    return value.detach(), output.grad


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from([2, 3]),
    st.integers(0, 2**20),
    st.floats(-1e6, 1e6, width=32),
)
def test_what_is_ignored_changes_neither_loss_nor_gradient(ndim, seed, painted):
    batch = random_batch(ndim, 4, seed)
    ignored = batch.semantic == IGNORE
    output = torch.randn(2, 4, *[4] * ndim, generator=torch.Generator().manual_seed(seed))
    value, gradient = loss_and_gradient(output, batch)
    other = Batch(
        batch.image,
        batch.semantic,
        batch.height.masked_fill(ignored, painted),
        batch.weight.masked_fill(ignored, painted),
    )
    changed = output.masked_fill(ignored.unsqueeze(1), painted)
    for answer in (output, changed):
        other_value, other_gradient = loss_and_gradient(answer, other)
        assert torch.equal(other_value, value)
        assert torch.equal(other_gradient, gradient)
    assert not gradient.masked_select(ignored.unsqueeze(1)).any()


@pytest.mark.parametrize("ndim", [2, 3])
def test_where_all_is_ignored_nothing_is_learnt(ndim):
    batch = random_batch(ndim)
    blind = Batch(batch.image, torch.full_like(batch.semantic, IGNORE), batch.height, batch.weight)
    value, gradient = loss_and_gradient(torch.randn(2, 4, *[6] * ndim), blind)
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_loss_is_the_weighted_sum_of_its_terms(ndim):
    batch, output = random_batch(ndim), torch.randn(2, 4, *[6] * ndim)
    logits = output[:, :3]
    weight = batch.weight.masked_fill(batch.semantic == IGNORE, 0)
    terms = [
        2 * weighted_cross_entropy(logits, batch.semantic, batch.weight),
        3 * dice_loss(logits, batch.semantic),
        5 * height_loss(output[:, 3], batch.height, weight),
    ]
    config = TrainConfig(cross_entropy=2, dice=3, height=5)
    assert float(loss(output, batch, 3, config)) == pytest.approx(float(sum(terms)), rel=1e-5)
    for index, name in enumerate(("cross_entropy", "dice", "height")):
        without = loss(output, batch, 3, config.replace(**{name: 0}))
        left = sum(terms) - terms[index]
        assert float(without) == pytest.approx(float(left), rel=1e-4)


def test_a_network_without_a_height_has_no_height_term():
    batch, output = random_batch(2), torch.randn(2, 3, 6, 6)
    assert loss(output, batch, 3, TrainConfig()) == loss(output, batch, 3, TrainConfig(height=0))


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_smaller_output_is_compared_with_the_centre(ndim):
    batch, output = random_batch(ndim), torch.randn(2, 4, *[2] * ndim)
    inside = (slice(None), *[slice(2, 4)] * ndim)
    centre = Batch(batch.image, batch.semantic[inside], batch.height[inside], batch.weight[inside])
    assert loss(output, batch, 3, TrainConfig()) == loss(output, centre, 3, TrainConfig())
