"""A part of an annotation is weighed as the whole."""

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.config import TargetConfig
from napari_unet.core.progress import drive
from napari_unet.core.targets.annotation_weight import (
    WeightMapRequest,
    factor_steps,
    part_of,
    weight_steps,
    weight_within,
)


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("balance", [False, True])
def test_part_weighs_as_in_the_whole(ndim, balance):
    rng = np.random.default_rng(ndim)
    labels = np.kron(rng.integers(0, 9, (2, 11, 12)), np.ones((3, 9, 9), int)).astype(np.uint16)
    marks = rng.choice([0, 1, 2], labels.shape, p=[0.1, 0.8, 0.1]).astype(np.uint8)
    boxes = np.array([[[0, 0, 0], [4, 60, 70]]])
    annotation = Annotation(labels, marks, boxes, {3: 2, 4: 2})
    config = TargetConfig(sigma=2.0, class_balance=balance, spacing=(2.0, 1.0, 1.5)[-ndim:])
    request = WeightMapRequest("ZYX", ndim, config)
    whole = drive(weight_steps(annotation, request))
    low, high = np.array([1, 25, 30]), np.array([2, 71, 80])
    first = np.maximum(low - request.margin(), 0)
    after = np.minimum(high + request.margin(), labels.shape)
    part = part_of(annotation, tuple(map(slice, first, after)))

    factors = drive(factor_steps(annotation, request))
    inner = tuple(map(slice, low - first, high - first))
    found = weight_within(part, request, inner, factors)
    np.testing.assert_allclose(found, whole[tuple(map(slice, low, high))], atol=1e-5)
    assert found.max() > 2
