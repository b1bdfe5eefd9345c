"""Which of the images of a TIFF file is read, and what is said of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tifffile

_BESIDE = ("label", "label image", "macro", "macro image", "overview", "preview", "thumbnail")
"""What scanners call pictures that they keep beside the image."""


def images_in(file: tifffile.TiffFile) -> list[tifffile.TiffPageSeries]:
    """Return the images of a TIFF file, of which the first is read.

    Parameters
    ----------
    file
        The file.

    Returns
    -------
    At least one. Thumbnails, masks and pictures of the slide are left out, and so are images that
    lie in other files of the same set.
    """
    every = list(file.series)
    images = [each for each in every if not _is_beside(each)] or every
    return [each for each in images if each.keyframe.parent is file] or images


def left_out(count: int) -> tuple[str, ...]:
    """Return a sentence about the images of a file that are not read, if there are any."""
    if count < 2:
        return ()
    return (
        f"Only the first of {count} images in this file is read: save the others as files of their "
        "own to use them.",
    )


def _is_beside(series: tifffile.TiffPageSeries) -> bool:
    page = series.keyframe
    return page.is_reduced or page.is_mask or series.name.lower() in _BESIDE
