"""Labels that are seen elsewhere than the pixels of the image that they are taken for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
from napari.layers import Image, Labels
from napari.utils.notifications import show_warning

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.below import axes_as_of_labels, label_axes
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in
from napari_unet.ui.layers.geometry import placed, places_seen
from napari_unet.ui.layers.metadata import is_of_namesake

ADVICE = (
    "Their pixels are taken together one by one, wherever they are seen: check that the labels "
    "were made for this image, or bring them to its pixels first."
)
_NEAR = 0.5
"""Pixels that a layer may be off without being elsewhere."""


def tell_place(labels: Labels, below: Image | Labels) -> None:
    """Warn of labels that lie elsewhere than an image, or than other labels.

    Raises
    ------
    UserError
        As `place_note` does.
    """
    note = place_note(labels, below)
    if note:
        show_warning(f"{note} {ADVICE}")


def refuse_own_nuclei(objects: Labels, nuclei: Labels | None) -> None:
    """Refuse labels as their own nuclei: each cell would be all nucleus.

    Raises
    ------
    UserError
        If both are one layer.
    """
    if nuclei is not None and objects is nuclei:
        raise UserError(
            f"“{objects.name}” is chosen as objects and as their nuclei: choose the cells under "
            "Objects, and the layer of their nuclei, or none, under Nuclei."
        )


def place_note(layer: Labels | Image, below: Image | Labels) -> str:
    """Say how a layer lies elsewhere in the viewer than the one whose pixels it is taken for.

    Parameters
    ----------
    layer
        Labels, or the weight map of labels.
    below
        An image whose pixels fit, in whatever order both name their axes; or other labels. Along
        axes of length 1 they may lie anywhere, as a plane does that was cut from a stack.

    Returns
    -------
    A sentence; empty where each pixel lies within half a pixel of the other's, and where labels are
    not of one size.

    Raises
    ------
    UserError
        If the shapes do not fit, or the labels are of another image that had its name.
    """
    shape, own = pixels_in(layer).shape, _own_axes(layer)
    if isinstance(below, Image):
        kept = _axes_in(below, layer)
    elif pixels_in(below).shape == shape:
        kept = _own_axes(below)
    else:
        return ""
    one, other = placed(layer, own), placed(below, kept)
    corners = np.array(list(product(*((0, size - 1) for size in shape))), float)
    off = (places_seen(corners, one, other) - corners)[:, np.array(shape) > 1]
    if np.abs(off).max(initial=0) <= _NEAR:
        return ""
    called = "the image" if isinstance(below, Image) else "the other"
    difference = _difference(one, other, off, called)
    return f"“{layer.name}” lies elsewhere than “{below.name}”: {difference}."


def _own_axes(layer: Labels | Image) -> list[int]:
    return [axis for axis in range(layer.ndim) if axis != channel_axis(layer)]


def _axes_in(image: Image, labels: Labels | Image) -> list[int]:
    """Return which axes of an image those of labels are."""
    if is_of_namesake(labels, image):
        raise UserError(
            f"“{labels.name}” was made for another image that was called “{image.name}”, too: open "
            "that one, or give this one another name if you mean it."
        )
    axes = axes_as_of_labels(image, labels)
    return [axes.index(letter) for letter in label_axes(labels)]


def _difference(one: np.ndarray, other: np.ndarray, off: np.ndarray, called: str) -> str:
    """Say how places differ; `off` is by how many pixels of the other layer each corner does."""
    if np.ptp(off, axis=0).max() <= _NEAR:
        return f"it is moved by {_words(off[0])} pixels"
    sizes = [np.linalg.norm(place[:, :-1], axis=0) for place in (one, other)]
    if np.allclose(np.linalg.solve(other[:, :-1], one[:, :-1]), np.diag(sizes[0] / sizes[1])):
        return f"it has the scale {_words(sizes[0])}, and {called} {_words(sizes[1])}"
    return "it is turned, mirrored or sheared"


def _words(numbers: Iterable[float]) -> str:
    return " × ".join(f"{each + 0:.4g}" for each in numbers)
