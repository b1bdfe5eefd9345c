"""What a package does to grey values, and to what its network gives, in our own words.

Limits of grey values are found over the whole image and never per tile, so only the first step may
look at more than one pixel. All others are done pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.program_config import PointStep

_LARGEST = 3.0e38
"""Stands for no limit, as JSON knows no infinity."""
_FLOATS = "float32", "float64"
_OF_AN_IMAGE = "scale_range", "zero_mean_unit_variance"
"""Steps that look at the whole image."""


def preprocessing(
    steps: Sequence[Mapping[str, Any]], letters: str
) -> tuple[NormalizeConfig, tuple[PointStep, ...]]:
    """Return how the grey values of an image are normalised, and what is then done to each pixel.

    Parameters
    ----------
    steps
        As a package of the form 0.4 or 0.5 tells them.
    letters
        The spatial axes, ``"yx"`` or ``"zyx"``.

    Raises
    ------
    UserError
        If a step is not known here, or cannot be done exactly.
    """
    normalize, done = NormalizeConfig(method="none"), list[PointStep]()
    for index, step in enumerate(_real(steps)):
        name, kwargs = _named(step)
        if name in _OF_AN_IMAGE and not _is_fixed(kwargs):
            if index:
                raise _refused(name, "comes after another step")
            normalize = _normalize(name, kwargs, letters)
        else:
            done.append(_point_step(name, kwargs))
    return normalize, tuple(done)


def postprocessing(steps: Sequence[Mapping[str, Any]]) -> tuple[PointStep, ...]:
    """Return what is done to each pixel of what comes out; parameters and errors as above."""
    return tuple(_point_step(*_named(step)) for step in _real(steps))


def _real(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the steps that change anything: all numbers are floating point here."""
    for step in steps:
        name, kwargs = _named(step)
        if name != "ensure_dtype" or kwargs.get("dtype") not in _FLOATS:
            yield step


def _named(step: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    return str(step.get("id") or step.get("name")), step.get("kwargs") or {}


def _normalize(name: str, kwargs: Mapping[str, Any], letters: str) -> NormalizeConfig:
    axes = _axes(kwargs.get("axes"), letters)
    if kwargs.get("mode", "per_sample") != "per_sample":
        raise _refused(name, "wants the grey values of all images of a data set")
    if kwargs.get("reference_tensor"):
        raise _refused(name, "wants the grey values of another image")
    if not set(letters) <= axes:
        raise _refused(name, "wants the grey values of a part of the axes")
    joint = "c" in axes
    if name == "zero_mean_unit_variance":
        return NormalizeConfig(method="mean", joint=joint)
    low, high = float(kwargs.get("min_percentile", 0)), float(kwargs.get("max_percentile", 100))
    return NormalizeConfig(low, high, joint=joint, robust=False)


def _axes(told: Any, letters: str) -> set[str]:
    """Return the axes over which grey values are looked at, by their letters."""
    if told is None:
        return {"c", *letters}
    return {str(axis)[0].lower() for axis in told}


def _point_step(name: str, kwargs: Mapping[str, Any]) -> PointStep:
    if name in ("sigmoid", "softmax"):
        return name, (), ()
    if name == "scale_linear":
        return "scale", _numbers(kwargs.get("gain", 1.0)), _numbers(kwargs.get("offset", 0.0))
    if name == "clip" and not {"min_percentile", "max_percentile"} & _given(kwargs):
        low, high = kwargs.get("min"), kwargs.get("max")
        return "clip", (-_LARGEST if low is None else low,), (_LARGEST if high is None else high,)
    if _is_fixed(kwargs):
        return _standardised(_numbers(kwargs["mean"]), _numbers(kwargs["std"]))
    raise _refused(name, "is not known here")


def _is_fixed(kwargs: Mapping[str, Any]) -> bool:
    """Tell whether mean and standard deviation are told, and not those of the image."""
    return {"mean", "std"} <= _given(kwargs)


def _given(kwargs: Mapping[str, Any]) -> set[str]:
    return {name for name, value in kwargs.items() if value is not None}


def _standardised(means: tuple[float, ...], spreads: tuple[float, ...]) -> PointStep:
    pairs = zip(means, spreads, strict=True)
    offsets = tuple(-mean / spread for mean, spread in pairs)
    return "scale", tuple(1 / spread for spread in spreads), offsets


def _numbers(told: Any) -> tuple[float, ...]:
    return tuple(map(float, told if isinstance(told, list) else [told]))


def _refused(name: str, why: str) -> UserError:
    return UserError(
        f"Its processing step {name!r} {why}: use it in the program that it was made for, and "
        "train a model on its labels."
    )
