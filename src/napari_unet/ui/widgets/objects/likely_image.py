"""Of which image objects most likely are, where nothing but size and name tell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from napari.layers import Image, Labels

from napari_unet.ui.layers.arrays import own_name
from napari_unet.ui.layers.axes import fits, is_sheared
from napari_unet.ui.layers.below import label_axes, label_spacing, place_axes, told_axes
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.image_choice import is_found_in

_PLAIN = frozenset(
    {
        *("label", "labels", "mask", "masks", "cp", "seg", "segmentation", "rois", "outlines"),
        *("gt", "truth", "ground", "groundtruth", "annotation", "manual", "edited", "paired"),
        *("instance", "instances", "semantic", "object", "objects", "taken", "away"),
        *("image", "images", "img", "tif", "tiff", "png", "ome"),
    }
)
"""Words that tell nothing of which image it is."""


def likely_image(
    objects: Labels, images: Sequence[Image], before: Image | None = None
) -> Image | None:
    """Return the image that objects most likely are of; None where none has their size.

    Parameters
    ----------
    objects
        Labels of which nobody knows the image.
    images
        Those to choose from.
    before
        What was chosen until now, which is kept where names tell nothing.
    """
    fitting = _fitting(objects, images)
    named = _named_alike(objects, fitting)
    if named is not None:
        return named
    return before if before in fitting else next(reversed(fitting), None)


def image_note(what: str, objects: Labels, image: Image | None, images: Sequence[Image]) -> str:
    """Say of which image something is, where that is not the image known to be the objects'.

    Parameters
    ----------
    what
        Begins the sentence, such as ``"Grey values are of"``.
    objects, image
        What is chosen.
    images
        What there is to choose from.
    """
    if image is None or is_found_in(objects, image):
        return ""
    told, fitting = f"{what} “{image.name}”", _fitting(objects, images)
    if len(fitting) < 2 or _named_alike(objects, fitting) is image:
        return f"{told}."
    return (
        f"{told}, but nothing tells that “{objects.name}” belongs to it: if not, choose another "
        "image."
    )


def guess_note(objects: Labels, image: Image | None) -> str:
    """Say that the axes of labels are a guess where nobody names them; a sentence, or nothing.

    Parameters
    ----------
    objects, image
        Labels of two to four axes, and the image that is chosen with them.
    """
    shape = pixels_in(objects).shape
    if told_axes(objects) or max(shape[:-2], default=1) == 1:
        return ""
    known = image is not None and fits(image, shape)
    called = f"“{image.name}”" if image is not None and known else "their image"
    return (
        f"That the axes of “{objects.name}” are {' '.join(label_axes(objects))} is a guess (Z is "
        f"depth, T time): if it is wrong, type the axes of {called} under Axes in Segment."
    )


def shear_note(objects: Labels) -> str:
    """Say that no pixel size is known of labels that are sheared in the world; else nothing."""
    if label_spacing(objects) or not is_sheared(objects, place_axes(objects)):
        return ""
    return (
        f"The axes of “{objects.name}” are not at right angles in the viewer, for it is sheared: "
        "sizes are in pixels. For µm, choose labels that are not sheared."
    )


def _fitting(objects: Labels, images: Sequence[Image]) -> list[Image]:
    shape = pixels_in(objects).shape
    return [each for each in images if fits(each, shape)]


def _named_alike(objects: Labels, images: Sequence[Image]) -> Image | None:
    """Return the one image whose name has most in common with the objects'; None for several."""
    scores = [_in_common(_words(own_name(objects)), _words(own_name(each))) for each in images]
    best = max(scores, default=(False, 0))
    return images[scores.index(best)] if best[1] and scores.count(best) == 1 else None


def _in_common(one: frozenset[str], other: frozenset[str]) -> tuple[bool, int]:
    """Return whether names are the same, and how many letters they share; none if they differ."""
    shared = one & other
    alike = bool(shared) and shared in (one, other)
    return one == other, sum(map(len, shared)) if alike else 0


def _words(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFC", name).casefold()
    return frozenset(re.findall(r"[^\W_]+", plain)) - _PLAIN
