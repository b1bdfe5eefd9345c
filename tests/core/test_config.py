"""Configurations survive JSON, refuse what they do not know, and say what is allowed."""

import dataclasses
import json

import numpy as np
import pytest

from napari_unet.core.config import (
    IGNORE,
    MOST_CLASSES,
    PRESETS,
    DecodeConfig,
    ModelConfig,
    NormalizeConfig,
    TargetConfig,
    TileConfig,
)
from napari_unet.core.errors import UserError
from napari_unet.core.option import FORMAT, options
from napari_unet.core.train_config import TrainConfig

EVERY = [
    ModelConfig(),
    ModelConfig(ndim=3, depth=2, pool=((1, 2, 2), (2, 2, 2)), classes=("nucleus", "axon")),
    ModelConfig(ndim=3, depth=1, kernel=((1, 3, 3), (3, 3, 3))),
    *PRESETS.values(),
    NormalizeConfig(low=0.5),
    TargetConfig(border="falk2019", spacing=(2.0, 1.0, 1.0)),
    TileConfig(tile=512, memory=1.5),
    DecodeConfig(min_size=3),
    TrainConfig(flip=False, zoom=1),
]
KINDS = sorted({type(config) for config in EVERY}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("config", EVERY, ids=lambda config: type(config).__name__)
def test_a_config_survives_json(config):
    written = json.dumps(config.to_dict())
    assert type(config).from_dict(json.loads(written)) == config


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_keys_are_named(kind):
    with pytest.raises(UserError, match=rf"{kind.__name__} has no option colour\."):
        kind.from_dict({**kind().to_dict(), "colour": 1})


@pytest.mark.parametrize("kind", KINDS)
def test_the_future_is_refused(kind):
    with pytest.raises(UserError, match="newer version"):
        kind.from_dict({**kind().to_dict(), "format": FORMAT + 1})


@pytest.mark.parametrize("stated", [0, -1, "1", None, [1]])
def test_an_odd_format_is_not_the_future(stated):
    with pytest.raises(UserError, match="cannot have the format"):
        DecodeConfig.from_dict({"format": stated})


@pytest.mark.parametrize("values", [[], "x", 3, None])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_table_is_refused(kind, values):
    with pytest.raises(UserError, match="names with values"):
        kind.from_dict(values)


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_says_what_it_is_for_and_has_a_default_in_its_range(kind):
    for entry in options(kind):
        about = entry.metadata
        assert about["help"].endswith(".")
        assert about["low"] is None or about["low"] <= entry.default
        assert about["high"] is None or entry.default <= about["high"]
        assert not about["choices"] or entry.default in about["choices"]


@pytest.mark.parametrize("limit", [0.01, 0.99])
def test_ranges_are_inclusive(limit):
    assert DecodeConfig(threshold=limit).threshold == limit


BAD = {
    "too low": (ModelConfig, {"depth": 0}, "depth must be a whole number from 1 to 6, not 0"),
    "too high": (DecodeConfig, {"threshold": 2}, "threshold must be a number from 0.01"),
    "not whole": (TrainConfig, {"batch": 2.5}, "whole number"),
    "whole, but no integer": (TrainConfig, {"batch": 8.0}, "whole number"),
    "yes for a number": (ModelConfig, {"features": True}, "whole number"),
    "a number for yes": (TrainConfig, {"flip": 1}, "flip must be true or false, not 1"),
    "a word for a number": (TileConfig, {"tile": "big"}, "not 'big'"),
    "NaN": (TrainConfig, {"learning_rate": float("nan")}, "not nan"),
    "infinity": (TargetConfig, {"sigma": float("inf")}, "not inf"),
    "no choice": (TileConfig, {"device": "tpu"}, "one of auto, cpu, cuda, mps, not 'tpu'"),
    "an unhashable choice": (TileConfig, {"device": []}, "device must be one of"),
    "no class": (ModelConfig, {"classes": ()}, "at least one foreground class"),
    "a word for classes": (ModelConfig, {"classes": "nucleus"}, "at least one"),
    "a number for classes": (ModelConfig, {"classes": 3}, "at least one"),
    "a number for a class": (ModelConfig, {"classes": (1, 2)}, "at least one"),
    "as many classes as class images have numbers": (
        ModelConfig,
        {"classes": tuple(map(str, range(MOST_CLASSES + 1)))},
        f"at most {MOST_CLASSES} classes, not {MOST_CLASSES + 1}",
    ),
    "pool of too few levels": (ModelConfig, {"pool": ((2, 2),)}, "pool must give"),
    "pool of too few axes": (ModelConfig, {"pool": ((2,),) * 4}, "pool must give"),
    "pool by nothing": (ModelConfig, {"pool": ((0, 2),) * 4}, "at least 1"),
    "kernel without the coarsest level": (ModelConfig, {"kernel": ((3, 3),) * 4}, "the coarsest"),
    "kernel of too few axes": (ModelConfig, {"kernel": ((3,),) * 5}, "kernel must give"),
    "kernel of another size": (ModelConfig, {"kernel": ((3, 5),) * 5}, "1 or 3"),
    "percentiles crossed": (NormalizeConfig, {"low": 90, "high": 10}, "below"),
    "spacing of nothing": (TargetConfig, {"spacing": (0, 1.0)}, "spacing must be numbers above 0"),
    "spacing below": (TargetConfig, {"spacing": (-1.0, 1.0)}, "above 0"),
    "spacing NaN": (TargetConfig, {"spacing": (float("nan"), 1)}, "one for each axis"),
    "spacing of words": (TargetConfig, {"spacing": ("a", "b")}, "above 0"),
    "spacing that is a number": (TargetConfig, {"spacing": 2.0}, "not 2.0"),
    "nothing to learn": (TrainConfig, {"dice": 0, "cross_entropy": 0}, "nothing would be learnt"),
}


def test_numbers_of_numpy_are_numbers():
    config = DecodeConfig(threshold=np.float32(0.25), min_size=np.int64(5))
    assert config == DecodeConfig(threshold=0.25, min_size=5)
    assert (type(config.threshold), type(config.min_size)) == (float, int)
    for wrong in (np.float64(5.5), np.bool_(True), True):
        with pytest.raises(UserError, match="must be a whole number from 0 to"):
            DecodeConfig(min_size=wrong)


@pytest.mark.parametrize(("kind", "values", "sentence"), BAD.values(), ids=BAD.keys())
def test_bad_values_are_refused_however_they_come(kind, values, sentence):
    for make in (lambda: kind(**values), lambda: kind().replace(**values)):
        with pytest.raises(UserError, match=sentence):
            make()
    with pytest.raises(UserError, match=sentence):
        kind.from_dict(values)


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_spacing_has_one_number_per_axis_or_none(ndim):
    for spacing in ((), (1.0,) * ndim):
        TargetConfig(spacing=spacing).check_ndim(ndim)
    with pytest.raises(UserError, match=f"must be {ndim} numbers"):
        TargetConfig(spacing=(1.0,) * (5 - ndim)).check_ndim(ndim)


def test_no_class_has_the_number_of_ignored_pixels():
    config = ModelConfig(classes=tuple(map(str, range(MOST_CLASSES))))
    assert config.num_classes <= IGNORE


def test_configs_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        DecodeConfig().threshold = 0.1


@pytest.mark.parametrize("ndim", [2, 3])
def test_pooling_is_two_and_kernels_three_along_every_axis_unless_said(ndim):
    config = ModelConfig(ndim=ndim, depth=2, classes=("a", "b"))
    assert config.pooling == ((2,) * ndim,) * 2
    assert config.kernels == ((3,) * ndim,) * 3
    assert config.num_classes == 3
