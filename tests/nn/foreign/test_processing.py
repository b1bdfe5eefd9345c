"""Grey values go in as bioimage.io's own processing brings them in."""

import numpy as np
import pytest
import torch
from bioimageio.core import Sample, Tensor
from bioimageio.core.proc_ops import get_proc
from bioimageio.core.stat_calculators import compute_measures
from bioimageio.spec.model import v0_5 as spec
from numpy.testing import assert_allclose

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.image.normalize import limits, normalize
from napari_unet.nn.foreign.processing import postprocessing, preprocessing
from napari_unet.nn.network.program import processed

AXES = ["channel", "y", "x"]
STEPS = {
    "percentiles": [("scale_range", {"axes": AXES, "min_percentile": 2, "max_percentile": 97})],
    "each channel": [("scale_range", {"axes": AXES[1:], "max_percentile": 99.8})],
    "mean": [("zero_mean_unit_variance", {"axes": AXES})],
    "mean of each channel, clipped": [
        ("zero_mean_unit_variance", {"axes": AXES[1:]}),
        ("clip", {"min": -1.5, "max": 2}),
    ],
    "a factor": [("scale_linear", {"gain": 1 / 255, "offset": -0.5})],
    "fixed": [("fixed_zero_mean_unit_variance", {"mean": 120.0, "std": 30.0})],
    "fixed for each channel": [
        (
            "fixed_zero_mean_unit_variance",
            {"mean": [100.0, 120.0, 90.0], "std": [20.0, 30.0, 9.0], "axis": "channel"},
        )
    ],
    "a factor for each channel": [
        ("scale_linear", {"gain": [1.0, 2.0, 3.0], "offset": [0.0, 1.0, 2.0], "axis": "channel"})
    ],
    "floats, clipped": [("ensure_dtype", {"dtype": "float32"}), ("clip", {"min": 0, "max": 99})],
    "clipped below": [("clip", {"min": 80.0, "max": None})],
}
"""Names and arguments, as the form 0.5 has them."""


def applied(steps, image):
    """Return an image, ``(C, y, x)``, after steps of bioimageio.core."""
    sample = Sample(
        members={"raw": Tensor(image[np.newaxis], dims=("batch", *AXES))}, stat={}, id=None
    )
    kinds = {
        "scale_range": spec.ScaleRangeDescr,
        "zero_mean_unit_variance": spec.ZeroMeanUnitVarianceDescr,
        "scale_linear": spec.ScaleLinearDescr,
        "fixed_zero_mean_unit_variance": spec.FixedZeroMeanUnitVarianceDescr,
        "ensure_dtype": spec.EnsureDtypeDescr,
        "clip": spec.ClipDescr,
    }
    for name, kwargs in steps:
        described = kinds[name].model_validate({"id": name, "kwargs": kwargs})
        member = spec.InputTensorDescr.model_construct(id=spec.TensorId("raw"))
        operator = get_proc(described, member)
        sample.stat = compute_measures(operator.required_measures, [sample])
        operator(sample)
    return sample.members["raw"].data.values[0]


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_grey_values_are_those_of_the_other_program(steps):
    image = np.random.default_rng(0).normal(100, 20, (3, 30, 40)).astype(np.float32)
    told = [{"id": name, "kwargs": kwargs} for name, kwargs in steps]
    config, done = preprocessing(told, "yx")
    seen = torch.from_numpy(normalize(image, limits(image, config), config)[np.newaxis])
    assert_allclose(processed(seen, done)[0].numpy(), applied(steps, image), atol=2e-5, rtol=2e-5)


def test_the_form_0_4():
    kwargs = {"mode": "per_sample", "axes": "yx", "min_percentile": 1}
    config, done = preprocessing([{"name": "scale_range", "kwargs": kwargs}], "yx")
    assert (config, done) == (NormalizeConfig(1, 100, robust=False), ())
    kwargs = {"axes": "yx", "mean": 4, "std": 2}
    config, done = preprocessing([{"name": "zero_mean_unit_variance", "kwargs": kwargs}], "yx")
    assert (config.method, done) == ("none", (("scale", (0.5,), (-2.0,)),))
    config, _ = preprocessing(
        [{"name": "zero_mean_unit_variance", "kwargs": {"axes": "czyx"}}], "zyx"
    )
    assert (config.method, config.joint) == ("mean", True)


def test_what_comes_out():
    steps = postprocessing([{"name": "scale_linear", "kwargs": {"gain": 2.0}}, {"id": "softmax"}])
    x = torch.tensor([[[[0.0]], [[1.0]]]])
    assert_allclose(processed(x, steps).flatten(), torch.tensor([0.0, 2.0]).softmax(0))
    assert_allclose(processed(x, postprocessing([{"id": "sigmoid"}])).flatten(), [0.5, 0.7310586])
