"""Where to paint next, looked for in the images of the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari.layers import Image

from napari_unet.core.config import TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.review.finding import Finding
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.ui.finetune.result.searched_images import Searched

if TYPE_CHECKING:
    from napari_unet.nn.prediction.suggest import Place


COUNT = 5
"""Places that are shown."""


@dataclass(frozen=True)
class Suggestion(Finding):
    """A place to paint at.

    Parameters
    ----------
    box
        First row or column of the place and the one after its last, along the last two axes.
    layer
        Returns the image layer while it is there, whatever it is called since.
    axes
        One letter of TZCYX per axis of the image; `where` has none for C.
    """

    box: tuple[tuple[int, int], ...] = ()
    layer: Callable[[], Image | None] = lambda: None
    axes: str = ""


def suggestion_steps(
    images: Sequence[Searched], model: Path, tiles: TileConfig
) -> Steps[list[Suggestion]]:
    """Find the places where a model is least sure, over all images that it can segment.

    Parameters
    ----------
    images, model
        Where to look, and the model's file.
    tiles
        Where the network runs and what memory it may use.

    Returns
    -------
    A line for each place, least sure first, with the pixel in its middle.

    Raises
    ------
    UserError
        If it can segment none: why not the first.
    """
    from napari_unet.nn.model import load_model  # noqa: PLC0415 - loads torch
    from napari_unet.nn.prediction.suggest import suggest_steps  # noqa: PLC0415

    loaded, found = load_model(model), []
    refused: list[UserError] = []
    for each in images:
        yield Progress("looking at images")
        source = each.source
        request = SegmentRequest(axes=source.axes, spacing=source.spacing, tiles=tiles)
        known = None if each.annotation is None else each.annotation.loaded()
        try:
            places = yield from suggest_steps(source.image, loaded, request, known, COUNT)
        except UserError as error:
            refused.append(error)
            continue
        found += [(place, each) for place in places]
    if len(refused) == len(images):
        raise refused[0]
    found.sort(key=lambda each: -each[0].score)
    return [_line(*each, loaded.config.ndim) for each in found[:COUNT]]


def _line(place: Place, searched: Searched, ndim: int) -> Suggestion:
    source = searched.source
    middle = [(low + high) // 2 for low, high in place.box]
    axes = source.axes.replace("C", "")
    at = dict(zip(axes, [*place.plane, *middle], strict=True))
    lead = axes[: -ndim or None]
    frames = "".join(f"{_WORDS.get(letter, letter)} {at[letter]}, " for letter in lead)
    row, column = middle[-2:]
    text = f"{frames}row {row}, column {column}"
    where, box = tuple(at[letter] for letter in axes), place.box[-2:]
    return Suggestion("info", text, "", source.name, where, box, searched.layer, source.axes)


_WORDS = {"T": "time", "Z": "plane"}
