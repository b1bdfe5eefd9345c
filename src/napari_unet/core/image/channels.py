"""What the channels of an image are called and which colours they have, as files say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]
"""Red, green and blue, from 0 to 1."""
BLACK: Colour = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Channel:
    """A channel of an image.

    Parameters
    ----------
    name
        What it shows, such as ``"DAPI"``; empty where nobody says so.
    colours
        Its colours from dark to bright, evenly spaced; empty where nobody says so.
    """

    name: str = ""
    colours: tuple[Colour, ...] = ()


RGB = tuple(
    Channel(name, (BLACK, colour))
    for name, colour in (
        ("red", (1.0, 0.0, 0.0)),
        ("green", (0.0, 1.0, 0.0)),
        ("blue", (0.0, 0.0, 1.0)),
    )
)
"""The channels of a colour picture whose colours lie in planes of their own."""


def channels_of_ome(pixels: Element) -> tuple[Channel, ...]:
    """Return the channels that the XML of an OME file describes.

    Parameters
    ----------
    pixels
        The element ``Pixels`` of an image.
    """
    return tuple(_of_ome(each.attrib) for each in pixels.findall("{*}Channel"))


def channels_of_imagej(tables: Sequence[NDArray[Any]]) -> tuple[Channel, ...]:
    """Return the channels whose look-up tables ImageJ has kept.

    Parameters
    ----------
    tables
        uint8 ``(3, 256)``, one per channel.
    """
    return tuple(Channel(colours=_of_table(np.asarray(table))) for table in tables)


def channels_of_omero(about: Mapping[str, Any]) -> tuple[Channel, ...]:
    """Return the channels that the ``omero`` part of an OME-Zarr describes.

    Parameters
    ----------
    about
        That part; of what is damaged in it nothing is known.
    """
    channels = about.get("channels")
    found = channels if isinstance(channels, list) else []
    known = [each if isinstance(each, Mapping) else {} for each in found]
    return tuple(
        Channel(str(each.get("label") or ""), _up_to(_hexadecimal(str(each.get("color", "")))))
        for each in known
    )


def named(channels: Sequence[Channel], count: int) -> tuple[str, ...]:
    """Return what channels are called, each differently; the nameless are counted from 0."""
    names = [channel.name.strip() for channel in channels[:count]]
    names += [""] * (count - len(names))
    return tuple(
        name if name and names.count(name) == 1 else f"{name} channel {number}".strip()
        for number, name in enumerate(names)
    )


def _of_ome(about: Mapping[str, str]) -> Channel:
    try:
        number = int(about.get("Color", ""))
    except ValueError:
        return Channel(about.get("Name", ""))
    red, green, blue = (number >> shift & 255 for shift in (24, 16, 8))
    return Channel(about.get("Name", ""), _up_to((red, green, blue)))


def _of_table(table: NDArray[Any]) -> tuple[Colour, ...]:
    """Return the colours of a look-up table; of one that grows evenly, first and last suffice."""
    if table.ndim != 2 or len(table) != 3 or table.shape[1] < 2:
        return ()
    colours = table.T / 255
    even = np.linspace(colours[0], colours[-1], len(colours))
    kept = colours[[0, -1]] if np.abs(colours - even).max() < 2 / 255 else colours
    return tuple((float(red), float(green), float(blue)) for red, green, blue in kept)


def _hexadecimal(text: str) -> tuple[int, ...]:
    digits = text.removeprefix("#")[:6]
    try:
        return tuple(bytes.fromhex(digits))
    except ValueError:
        return ()


def _up_to(colour: Sequence[int]) -> tuple[Colour, ...]:
    """Return the way from black to a colour; nothing for black, in which nothing can be seen."""
    if len(colour) != 3 or not any(colour):
        return ()
    red, green, blue = (part / 255 for part in colour)
    return (BLACK, (red, green, blue))
