"""Outlines for slides and figures, as PNG and as SVG, alone or over the image."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO
from itertools import cycle
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

from napari_unet.core.image.axes import usual_order
from napari_unet.core.instances.outlines import outlines
from napari_unet.core.progress import Progress
from napari_unet.io.exchange.content import COLOURS, colour_of
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content

_LIGHT = {
    1: ((1, 1, 1),),
    2: ((0, 1, 0), (1, 0, 1)),
    3: ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
_MANY = ((0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))
_DARKEST, _BRIGHTEST = 0.1, 99.9
"""Percentiles that are shown black and white."""
_LOOKED_AT = 2**20
"""Pixels from which these are taken."""
_EVERY = 2_000
"""Objects from one progress to the next."""


@dataclass(frozen=True)
class _Shown:
    """The plane that a picture shows.

    Parameters
    ----------
    labels
        Integer ``(y, x)``.
    colours
        uint8 ``(y, x, 3)``, the image; None where there is none.
    """

    labels: NDArray[np.integer[Any]]
    colours: NDArray[np.uint8] | None


def png_steps(path: Path, content: Content) -> Steps[None]:
    """Write outlines, one pixel wide and in the colour of the class, as PNG.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    content
        The objects. Over its image where there is one, on nothing (transparent) else.

    Yields
    ------
    Progress with what is done.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    yield Progress("drawing", 0, 2)
    shown = _shown(content)
    drawn = _drawn(shown, content)
    yield Progress("writing PNG", 1, 2)
    with replacing(path) as temporary, temporary.open("wb") as file:
        # of the colours of outlines alone, number 0 is nothing
        about = {"transparency": 0} if drawn.mode == "P" else {}
        drawn.save(file, "PNG", compress_level=4, **about)


def svg_steps(path: Path, content: Content) -> Steps[None]:
    """Write outlines as lines that stay sharp at any size, over the image where there is one.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    content
        The objects. Each is a path of its own with ``class#number`` as its title; the image is
        inside the file.

    Yields
    ------
    Progress with the objects done.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    shown = _shown(content)
    height, width = shown.labels.shape
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">\n'
        )
        if shown.colours is not None:
            file.write(_embedded(shown.colours))
        file.write('<g fill="none" stroke-linejoin="round">\n')
        for done, (label, pieces) in enumerate(outlines(shown.labels).objects()):
            if done % _EVERY == 0:
                yield Progress("writing SVG", done)
            colour = "#{:02x}{:02x}{:02x}".format(*colour_of(content.class_of(label)))
            lines = "".join(_line(line) for piece in pieces for line in piece)
            title = escape(content.title(label))
            file.write(f'<path stroke="{colour}" d="{lines}"><title>{title}</title></path>\n')
        file.write("</g>\n</svg>\n")


def _shown(content: Content) -> _Shown:
    order = usual_order(content.axes)
    lead = order[:-2]
    labels = content.labels.transpose(order)
    asked = content.shown or tuple(
        size // 2
        for letter, size in zip(content.axes, content.labels.shape, strict=True)
        if letter not in "YX"
    )
    given = [axis for axis, letter in enumerate(content.axes) if letter not in "YX"]
    index = tuple(asked[given.index(axis)] for axis in lead)
    if content.image is None:
        return _Shown(labels[index], None)
    image = np.moveaxis(content.image.transpose(0, *(axis + 1 for axis in order)), 0, -3)
    return _Shown(labels[index], _coloured(image[index]))


def _coloured(channels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return channels ``(C, y, x)`` as colours; red, green and blue of 8 bits as they are."""
    count = len(channels)
    if count == 3 and channels.dtype == np.uint8:
        return np.moveaxis(channels, 0, -1)
    light = _LIGHT.get(count) or tuple(
        colour for colour, _ in zip(cycle(_MANY), channels, strict=False)
    )
    sum_of = np.zeros((*channels.shape[1:], 3), np.float32)
    for channel, colour in zip(channels, light, strict=True):
        sum_of += _stretched(channel)[..., np.newaxis] * np.array(colour, np.float32)
    return (255 * np.minimum(sum_of, 1)).astype(np.uint8)


def _stretched(channel: NDArray[Any]) -> NDArray[np.float32]:
    step = max(1, int((channel.size / _LOOKED_AT) ** 0.5))
    low, high = np.nanpercentile(channel[::step, ::step].astype(float), [_DARKEST, _BRIGHTEST])
    grey = (channel - np.float32(low)) / np.float32(max(high - low, 1e-9))
    return np.asarray(np.nan_to_num(np.clip(grey, 0, 1)), np.float32)


def _drawn(shown: _Shown, content: Content) -> Image.Image:
    edge = _edges(shown.labels)
    of = _classes_at(shown.labels[edge], content)
    if shown.colours is not None:
        picture = shown.colours.copy()
        picture[edge] = np.array(COLOURS, np.uint8)[(of - 1) % len(COLOURS)]
        return Image.fromarray(picture)
    numbers = np.zeros(shown.labels.shape, np.uint8)
    numbers[edge] = 1 + (of - 1) % len(COLOURS)
    drawn = Image.fromarray(numbers, "L").convert("P")
    drawn.putpalette([0, 0, 0, *(part for colour in COLOURS for part in colour)])
    return drawn


def _edges(labels: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Tell which pixels of objects have another number beside, above or below them."""
    edge = np.zeros(labels.shape, bool)
    for one, other in (
        ((slice(1, None),), (slice(None, -1),)),
        ((..., slice(1, None)), (..., slice(None, -1))),
    ):
        differs = labels[one] != labels[other]
        edge[one] |= differs
        edge[other] |= differs
    edge &= labels != 0
    return edge


def _classes_at(labels: NDArray[np.integer[Any]], content: Content) -> NDArray[np.int64]:
    numbers, which = np.unique(labels, return_inverse=True)
    classes = np.array([content.class_of(number) for number in numbers.tolist()], np.int64)
    return classes[which.reshape(labels.shape)] if len(numbers) else np.zeros(0, np.int64)


def _embedded(colours: NDArray[np.uint8]) -> str:
    height, width = colours.shape[:2]
    file = BytesIO()
    Image.fromarray(colours).save(file, "PNG", compress_level=4)
    text = base64.b64encode(file.getvalue()).decode()
    return f'<image width="{width}" height="{height}" href="data:image/png;base64,{text}"/>\n'


def _line(line: NDArray[np.int32]) -> str:
    """Return a closed line along rows and columns in turn."""
    (y, x), second = line[0].tolist(), line[1].tolist()
    letters = "HV" if second[0] == y else "VH"
    along = np.arange(1, len(line)) % 2 == (1 if letters == "HV" else 0)
    values = np.where(along, line[1:, 1], line[1:, 0]).tolist()
    parts = (f"{letter}{value}" for letter, value in zip(cycle(letters), values, strict=False))
    return f"M{x} {y}{''.join(parts)}Z"
