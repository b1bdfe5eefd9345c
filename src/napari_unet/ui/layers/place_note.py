"""Labels that are seen elsewhere than the pixels of the image that they are taken for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
from napari.layers import Image, Labels
from napari.utils.notifications import show_warning

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.below import axes_as_of_labels
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in
from napari_unet.ui.layers.geometry import placed, places_seen
from napari_unet.ui.layers.labels import label_axes
from napari_unet.ui.layers.metadata import is_of_namesake

ADVICE = (
    "Their pixels are taken together one by one, wherever they are seen: check that the labels "
    "were made for this image, or bring them to its pixels first."
)
_NEAR = 0.5
"""Pixels that a layer may be off without being elsewhere."""


def tell_place(labels: Labels, image: Image) -> None:
    """Warn of labels that lie elsewhere than an image.

    Raises
    ------
    UserError
        As `place_note` does.
    """
    note = place_note(labels, image)
    if note:
        show_warning(f"{note} {ADVICE}")


def place_note(labels: Labels, image: Image) -> str:
    """Say how labels lie elsewhere in the viewer than the image whose pixels they are taken for.

    Parameters
    ----------
    labels, image
        Layers whose pixels fit, in whatever order both name their axes. Along axes of length 1 they
        may lie anywhere, as a plane does that was cut from a stack.

    Returns
    -------
    A sentence; empty where each pixel lies within half a pixel of the image's.

    Raises
    ------
    UserError
        If the shapes do not fit, or the labels are of another image that had its name.
    """
    if is_of_namesake(labels, image):
        raise UserError(
            f"“{labels.name}” was made for another image that was called “{image.name}”, too: open "
            "that one, or give this one another name if you mean it."
        )
    shape = pixels_in(labels).shape
    axes = axes_as_of_labels(image, labels)
    own = [axis for axis in range(labels.ndim) if axis != channel_axis(labels)]
    kept = [axes.index(letter) for letter in label_axes(labels)]
    one, other = placed(labels, own), placed(image, kept)
    corners = np.array(list(product(*((0, size - 1) for size in shape))), float)
    off = (places_seen(corners, one, other) - corners)[:, np.array(shape) > 1]
    if np.abs(off).max(initial=0) <= _NEAR:
        return ""
    return f"“{labels.name}” lies elsewhere than “{image.name}”: {_difference(one, other, off)}."


def _difference(one: np.ndarray, other: np.ndarray, off: np.ndarray) -> str:
    """Say how places differ; `off` is by how many pixels of the image each corner does."""
    if np.ptp(off, axis=0).max() <= _NEAR:
        return f"it is moved by {_words(off[0])} pixels"
    sizes = [np.linalg.norm(placed[:, :-1], axis=0) for placed in (one, other)]
    if np.allclose(np.linalg.solve(other[:, :-1], one[:, :-1]), np.diag(sizes[0] / sizes[1])):
        return f"it has the scale {_words(sizes[0])}, and the image {_words(sizes[1])}"
    return "it is turned, mirrored or sheared"


def _words(numbers: Iterable[float]) -> str:
    return " × ".join(f"{each + 0:.4g}" for each in numbers)
