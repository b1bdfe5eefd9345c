"""Which array axis is which.

Axes are letters, one per array axis: T time, Z depth, C channel, Y row, X column. A network of
two spatial axes takes YX planes and treats T and Z as planes; one of three takes ZYX.
"""

from __future__ import annotations

from collections.abc import Sequence

from napari_unet.core.errors import UserError
from napari_unet.core.words import counted

LETTERS = "TZCYX"
STACK = "TZYX"
SPATIAL = {2: "YX", 3: "ZYX"}
FEW = 4
"""So many planes whose axis nobody names may well be channels."""
COLOUR = (1, 3, 4)
"""Lengths of a last axis that is taken for grey, RGB or RGBA."""
OR_COLOURS = (
    "or, for a picture in colour, a model that looks at colours, such as nuclei-tissue for stained "
    "tissue"
)
"""What else helps where a model looks at fewer channels than colours."""


_WORDS = {
    "T": ("t", "time", "timepoint", "frame"),
    "Z": ("z", "depth", "slice", "plane", "pln"),
    "C": ("c", "channel", "ch"),
    "Y": ("y", "row"),
    "X": ("x", "column", "col"),
}
"""What programs call axes, without the s of several."""


def letters_of(names: Sequence[str]) -> str:
    """Return the letters of axes that are named by letters or by words.

    Parameters
    ----------
    names
        One for each axis, such as ``"t"``, ``"time"`` or ``"Frames"``.

    Returns
    -------
    One letter of TZCYX each; nothing where one is not known, or two are of the same axis.
    """
    called = {word: letter for letter, words in _WORDS.items() for word in words}
    plain = [name.strip().casefold() for name in names]
    found = [called.get(name) or called.get(name.removesuffix("s"), "") for name in plain]
    return "".join(found) if all(found) and len(set(found)) == len(found) else ""


def usual_order(axes: str) -> tuple[int, ...]:
    """Return in which order axes follow each other as in TZCYX, which is how files have them."""
    return tuple(sorted(range(len(axes)), key=lambda axis: LETTERS.index(axes[axis])))


def spatial_in(axes: str) -> str:
    """Return those of some axes that lie in space: Z, Y and X, in the order that they have."""
    return "".join(letter for letter in axes.upper() if letter in SPATIAL[3])


def places_in(axes: str) -> list[int]:
    """Return which of some axes lie in space, as positions in the order that they have."""
    return [axis for axis, letter in enumerate(axes.upper()) if letter in SPATIAL[3]]


def guess_axes(shape: Sequence[int], ndim: int, channels: int) -> str:
    """Name the axes of an array that says nothing about them.

    Parameters
    ----------
    shape
        The array's shape.
    ndim
        Number of spatial axes of the model, 2 or 3.
    channels
        Number of channels that the model takes.

    Returns
    -------
    One letter per axis. A last axis as short as grey, RGB or RGBA is colour; otherwise an axis
    as long as a model's several channels is the channel; then come Y, X, Z and T, from the end.
    """
    size = len(shape)
    channel = _guess_channel(shape, ndim, channels)
    others = size - (channel is not None)
    letters = list("TZYX")[max(0, 4 - others) :]
    if others > len(letters):
        raise UserError(
            f"What the {size} axes of this image are cannot be told from its shape: "
            "say it, as in TZCYX."
            if size <= len(LETTERS)
            else f"An image with {size} axes is more than time, depth, channel, row and column: "
            "choose a part of it.",
            about="axes" if size <= len(LETTERS) else "",
        )
    if channel is not None:
        letters.insert(channel, "C")
    return "".join(letters)


def _guess_channel(shape: Sequence[int], ndim: int, channels: int) -> int | None:
    if len(shape) < 3:
        return None
    last = len(shape) - 1
    places = (last, 0, 1) if channels in COLOUR else (0, last, 1)
    if channels > 1 and len(shape) > ndim:
        fitting = next((axis for axis in places if shape[axis] == channels), None)
        if fitting is not None:
            return fitting
    colour = shape[-1] in COLOUR and min(shape[-3:-1]) > max(COLOUR)
    return last if colour else None


def check_spatial(axes: str, ndim: int, subject: str) -> None:
    """Refuse to work along axes that there are not, where no model takes part.

    Parameters
    ----------
    axes
        One letter of TZCYX per array axis.
    ndim
        Along how many spatial axes, 2 or 3.
    subject
        What has these axes, such as ``"The label image"``.

    Raises
    ------
    UserError
        If one of them is not there.
    """
    letters = axes.upper()
    for letter in SPATIAL[ndim]:
        if letter not in letters:
            flat = "leave it out, work in 2D, or say which of its axes is Z"
            raise UserError(
                f"{subject} (axes {letters.replace('C', '')}) has no {letter} axis, so it cannot "
                f"be worked on in {ndim}D: {flat if letter == 'Z' else 'name it among the axes'}."
            )


def check_axes(
    axes: str, shape: Sequence[int], ndim: int, channels: int, chosen: Sequence[int] = ()
) -> None:
    """Refuse axes that do not fit an array or a network, before anything is read.

    Parameters
    ----------
    axes
        One letter of TZCYX per array axis.
    shape
        The array's shape.
    ndim, channels
        Number of spatial axes, 2 or 3, and of channels that the network takes.
    chosen
        Which of the image's channels go into it, counted from 0; empty for all.

    Raises
    ------
    UserError
        In one sentence, for letters that are unknown, missing, too many or there twice, and for
        channels that are not there or not as many as the network takes.
    """
    check_letters(axes)
    check_count(axes, shape)
    for letter in SPATIAL[ndim]:
        if letter not in axes.upper():
            raise UserError(
                f"This model works in {ndim}D, and the image (axes {axes.upper()}) has no "
                f"{letter} axis: name it among the axes, or choose a model that fits."
            )
    place = axes.upper().find("C")
    _check_channels(shape[place] if place >= 0 else 1, channels, chosen, axes.upper())


def check_letters(axes: str) -> None:
    """Refuse letters that name no axes.

    Parameters
    ----------
    axes
        One letter of TZCYX per array axis.

    Raises
    ------
    UserError
        For a letter that is unknown or there twice.
    """
    letters = axes.upper()
    unknown = next((letter for letter in letters if letter not in LETTERS), None)
    if unknown:
        raise UserError(
            f"The axes {axes!r} cannot be: they hold {unknown!r}, which is no axis. Use T for "
            "time, Z for depth, C for channel, Y for row and X for column."
        )
    twice = next((letter for letter in letters if letters.count(letter) > 1), None)
    if twice:
        raise UserError(
            f"The axes {axes!r} cannot be: they name {twice} twice. Give each axis its own letter."
        )


def check_count(axes: str, shape: Sequence[int]) -> None:
    """Refuse axes that are more or fewer than those of an array.

    Parameters
    ----------
    axes
        One letter of TZCYX per array axis.
    shape
        The array's shape.

    Raises
    ------
    UserError
        If there is not one letter for each.
    """
    if len(axes) != len(shape):
        size = " x ".join(map(str, shape))
        raise UserError(
            f"The axes {axes!r} do not fit an image with {len(shape)} axes ({size}): "
            "give one of the letters T, Z, C, Y and X for each."
        )


def _check_channels(found: int, wanted: int, chosen: Sequence[int], axes: str) -> None:
    absent = next((index for index in chosen if not 0 <= index < found), None)
    if absent is not None:
        there = "only channel 0" if found == 1 else f"the channels 0 to {found - 1}"
        raise UserError(f"There is no channel {absent}: the image has {there}.")
    if len(chosen or range(found)) == wanted:
        return
    trained = f"the model was trained on {counted(wanted, 'channel')}: "
    if chosen:
        raise UserError(
            f"{counted(len(chosen), 'channel')} chosen, but {trained}choose {wanted} of them.",
            about="channels",
        )
    sentence = f"The image has {counted(found, 'channel')}, but {trained}"
    if found > wanted and axes == "CYX" and found in COLOUR:
        # three or four planes that nobody has named are kept as if they were colours
        raise UserError(
            f"{sentence}choose which to use, counted from 0, or, if they are planes or frames "
            "that were taken for channels, say which axis is which.",
            about="channels, axes",
        )
    if found > wanted and axes.endswith("YXC") and found in COLOUR:
        raise UserError(
            f"{sentence}choose which to use, counted from 0, {OR_COLOURS}.", about="channels"
        )
    if found > wanted:
        raise UserError(f"{sentence}choose which to use, counted from 0.", about="channels")
    raise UserError(f"{sentence}choose an image or a model that fits.")
