"""A sample as the network sees it; the ignore law holds there, too."""

from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.config import ModelConfig, TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.runs.config import RunConfig
from napari_unet.runs.working_sample import at_working_size, is_seen
from quick_runs import discs


def config(ndim, working, **changes):
    return RunConfig(model=ModelConfig(ndim=ndim), working=working, **changes)


def painted(ndim, ignored):
    """Discs with a weight map, of which a part is ignored."""
    given = discs(1, ndim, 30)
    weight = np.random.default_rng(0).random(given.labels.shape, np.float32)
    return replace(given, ignored=ignored, weight=weight)


def test_image_and_labels_get_the_size(ndim):
    given, working = discs(0, ndim, 40), (0.5,) * (ndim - 1) + (0.4,)
    seen = at_working_size(given, config(ndim, working))
    shape = (20,) * (ndim - 1) + (16,)
    assert seen.image.shape == (1, *shape)
    assert seen.labels.shape == seen.ignored.shape == shape
    assert seen.labels.dtype == given.labels.dtype
    assert set(np.unique(seen.labels)) <= set(np.unique(given.labels))
    on, off = seen.image[0][seen.labels > 0], seen.image[0][seen.labels == 0]
    assert on.mean() > off.mean() + 200
    assert at_working_size(given, config(ndim, ())) is given


def test_nothing_under_ignored_pixels_is_left(ndim):
    ignored = np.random.default_rng(1).random((30,) * ndim) < 0.4
    ignored[:10] = True
    given = painted(ndim, ignored)
    scribbled = replace(
        given,
        labels=np.where(ignored, 99, given.labels),
        weight=np.where(ignored, np.float32(1e6), given.weight),
    )
    working = config(ndim, (0.6,) * ndim)
    one, other = at_working_size(given, working), at_working_size(scribbled, working)
    assert one.ignored.any()
    for name in ("labels", "ignored", "weight"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    counting = ~one.ignored
    assert one.weight[counting].max() <= given.weight.max() + 1e-6


def test_a_weight_map_of_one_value_keeps_it():
    given = painted(2, np.indices((30, 30))[0] < 11)
    given = replace(given, weight=np.full((30, 30), 3, np.float32))
    seen = at_working_size(given, config(2, (0.4, 0.4)))
    np.testing.assert_allclose(seen.weight[~seen.ignored], 3, rtol=1e-5)


def test_what_is_ignored_by_its_label_stays_so():
    given = discs(2)
    labels = np.where(np.indices((48, 48))[1] < 24, given.labels, 255)
    seen = at_working_size(replace(given, labels=labels), config(2, (0.5, 0.5), ignore=255))
    np.testing.assert_array_equal(seen.ignored, np.indices((24, 24))[1] >= 12)
    assert not seen.labels[seen.ignored].any()


def test_a_stroke_between_the_pixels_is_not_seen():
    ignored = np.ones((30, 30), bool)
    ignored[4] = False
    stroke = replace(discs(0, 2, 30), ignored=ignored)
    assert is_seen(stroke, config(2, ()))
    assert not is_seen(stroke, config(2, (0.2, 0.2)))
    ignored[3:8] = False
    assert is_seen(stroke, config(2, (0.2, 0.2)))


def test_targets_are_made_for_the_pixels_that_are_seen():
    targets = TargetConfig(spacing=(4.0, 1.0, 1.0))
    assert config(3, (), targets=targets).seen_targets.spacing == (4, 1, 1)
    assert config(3, (1.0, 0.25, 0.25), targets=targets).seen_targets.spacing == (1, 1, 1)
    assert config(3, (0.5, 0.25, 0.5), targets=targets).seen_targets.spacing == (4, 2, 1)
    assert config(3, (1.0, 0.25, 0.25)).seen_targets.spacing == ()


@pytest.mark.parametrize("working", [(0.5,), (0.5, 0.0)])
def test_a_size_that_is_none_is_refused(working):
    with pytest.raises(UserError, match="a number above 0 for each axis"):
        config(2, working)
