"""Which samples show the same pixels, and which were cut from one image."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.annotation.neighbours import neighbours

Origin = tuple[str, int] | None
"""Name of the image that a sample was cut from and its place in it; None for unknown."""


@dataclass(frozen=True)
class Grouping:
    """Which samples belong together.

    Parameters
    ----------
    pictures
        Indices of the samples that show the same pixels, whatever is painted on each. Blank ones
        show nothing and are no twins.
    images
        Indices of the pictures of each image, whose samples follow one another. Images that have a
        picture in common are one, and so are those that look like frames of one film.
    """

    pictures: list[list[int]]
    images: list[list[int]]

    def samples_of(self, image: Sequence[int]) -> list[int]:
        """Return the indices of the samples of an image."""
        return [index for picture in image for index in self.pictures[picture]]


def grouped(pixels: Sequence[NDArray[Any]], origins: Sequence[Origin]) -> Grouping:
    """Find which samples belong together.

    Parameters
    ----------
    pixels
        ``(C, *spatial)`` of each, any real dtype. All of it is read.
    origins
        Where each was cut from.
    """
    pictures = _pictures(pixels)
    images = _images(origins, pictures)
    ends = sorted({picture for image in images for picture in (image[0], image[-1])})
    pairs = neighbours([pixels[pictures[picture][0]] for picture in ends])
    alike = [[ends[one], ends[other]] for one, other in pairs]
    return Grouping(pictures, [sorted(each) for each in reduce(_merged, alike, images)])


def _pictures(pixels: Sequence[NDArray[Any]]) -> list[list[int]]:
    pictures: dict[object, list[int]] = {}
    for index, image in enumerate(map(np.ascontiguousarray, pixels)):
        digest = hashlib.sha256(image.data).digest() if image.min() < image.max() else index
        pictures.setdefault((image.shape, image.dtype.str, digest), []).append(index)
    return list(pictures.values())


def _images(origins: Sequence[Origin], pictures: Sequence[Sequence[int]]) -> list[list[int]]:
    picture_of = {index: which for which, picture in enumerate(pictures) for index in picture}
    images: list[list[int]] = []
    for index, here in enumerate(origins):
        before = origins[index - 1] if index else None
        if before and here and before[0] == here[0] and before[1] < here[1]:
            images[-1].append(picture_of[index])
        else:
            images.append([picture_of[index]])
    return reduce(_merged, images, list[list[int]]())


def _merged(images: list[list[int]], image: list[int]) -> list[list[int]]:
    """Add an image to others, together with those that have a picture in common with it."""
    apart = [each for each in images if not {*each} & {*image}]
    common = [which for each in images if each not in apart for which in each]
    return [*apart, list(dict.fromkeys([*common, *image]))]
