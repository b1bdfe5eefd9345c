"""More crowded images for the recipes: nuclei of an image are copied beside and onto others.

Light adds up in a fluorescence microscope, and so do the copies: where a copy lies on another
nucleus both shine, and the brighter one owns the pixels. Everything else of the image, its noise,
blur and background, stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_HALO = 4
"""Pixels around a nucleus that are copied with it."""
_VISIBLE = 0.6
"""Every nucleus keeps at least this share of its pixels."""
_NEAR, _FAR = 0.65, 1.1
"""How far a copy lies from another nucleus, in sums of their radii."""
_BRIGHTER = 0.4
"""Copies are brighter or darker by up to this power of e."""


@dataclass(frozen=True)
class _Nucleus:
    """What a nucleus adds to the background, and which pixels are its own."""

    light: NDArray[np.float32]
    mask: NDArray[np.bool_]

    @property
    def radius(self) -> float:
        return float(np.sqrt(self.mask.sum() / np.pi))


def crowded(
    image: NDArray[np.uint8], labels: NDArray[np.integer], chance: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return an image with up to twice as many nuclei, and its labels.

    Parameters
    ----------
    image, labels
        ``(Y, X)``.
    chance
        Where all chance comes from.
    """
    light, numbers = image.astype(np.float32), labels.astype(np.int32)
    nuclei = _free_standing(light, numbers)
    for index in chance.permutation(np.arange(len(nuclei))):
        copy = _varied(nuclei[index], chance)
        light, numbers = _added(light, numbers, copy, _place(numbers, copy.radius, chance))
    return np.clip(light.round(), 0, 255).astype(np.uint8), numbers


def _free_standing(light: NDArray[np.float32], numbers: NDArray[np.int32]) -> list[_Nucleus]:
    """Return the nuclei that neither another one nor the edge of the image comes near."""
    found = []
    margin = _HALO + 1
    for number, box in enumerate(ndimage.find_objects(numbers), start=1):
        grown = _grown(box, margin, light.shape) if box else None
        if grown is None:
            continue
        around = numbers[grown]
        mask = around == number
        distance = ndimage.distance_transform_edt(~mask)
        if (around[(distance <= margin) & ~mask] > 0).any():
            continue
        fading = np.clip(1 - distance / margin, 0, 1).astype(np.float32)
        background = np.median(light[grown][around == 0])
        found.append(_Nucleus(np.maximum(light[grown] - background, 0) * fading**0.5, mask))
    return found


def _grown(box: tuple[slice, ...], margin: int, shape: tuple[int, ...]) -> tuple[slice, ...] | None:
    """Return a box with a margin, or None where that leaves the image."""
    grown = tuple(slice(cut.start - margin, cut.stop + margin) for cut in box)
    leaves = (cut.start < 0 or cut.stop > size for cut, size in zip(grown, shape, strict=True))
    return None if any(leaves) else grown


def _varied(nucleus: _Nucleus, chance: np.random.Generator) -> _Nucleus:
    """Turn and mirror a nucleus, and make it brighter or darker."""
    turns, mirrored = int(chance.integers(4)), bool(chance.integers(2))
    light, mask = (
        np.rot90(part[::-1] if mirrored else part, turns) for part in (nucleus.light, nucleus.mask)
    )
    return _Nucleus(light * np.exp(chance.uniform(-_BRIGHTER, _BRIGHTER)), mask)


def _place(
    numbers: NDArray[np.int32], radius: float, chance: np.random.Generator
) -> tuple[int, ...]:
    """Draw a centre beside some nucleus."""
    where = np.argwhere(numbers == chance.choice(np.unique(numbers)[1:]))
    distance = (radius + np.sqrt(len(where) / np.pi)) * chance.uniform(_NEAR, _FAR)
    angle = chance.uniform(0, 2 * np.pi)
    step = distance * np.array([np.sin(angle), np.cos(angle)])
    return tuple(int(value) for value in where.mean(axis=0) + step)


def _added(
    light: NDArray[np.float32], numbers: NDArray[np.int32], copy: _Nucleus, centre: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return image and labels with a copy at a place, or as they are if it would hide too much."""
    start = [at - size // 2 for at, size in zip(centre, copy.mask.shape, strict=True)]
    room = zip(start, copy.mask.shape, light.shape, strict=True)
    if any(low < 0 or low + size > whole for low, size, whole in room):
        return light, numbers
    window = tuple(slice(low, low + size) for low, size in zip(start, copy.mask.shape, strict=True))
    here = numbers[window]
    own = copy.mask.copy()
    for number in np.unique(here[copy.mask]):
        shared = copy.mask & (here == number)
        if number and light[window][here == number].mean() > copy.light[copy.mask].mean():
            own &= ~shared
        elif number and shared.sum() > (1 - _VISIBLE) * (numbers == number).sum():
            return light, numbers
    if own.sum() < _VISIBLE * copy.mask.sum() or ndimage.label(own)[1] != 1:
        return light, numbers
    changed = numbers.copy()
    changed[window][own] = numbers.max() + 1
    if any(ndimage.label(changed == number)[1] != 1 for number in np.unique(here[own]) if number):
        return light, numbers
    brighter = light.copy()
    brighter[window] += copy.light
    return brighter, changed
