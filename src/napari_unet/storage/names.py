"""File names made from what a user has called something, and how they are numbered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from napari_unet.core.errors import UserError

LONGEST = 60
"""Letters."""
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[1-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)


def file_name(name: str, otherwise: str) -> str:
    """Return a file name that every system takes, such as ``plate_well A1`` for ``plate/well A1``.

    Parameters
    ----------
    name
        Any words; what may not stand in a file name becomes ``_``.
    otherwise
        The file name where nothing is left.
    """
    allowed = re.sub(r"[^\w .-]", "_", name).strip(" ._")
    short = allowed[:LONGEST].strip(" ._") or otherwise
    return f"_{short[: LONGEST - 1]}".rstrip(" ._") if is_device(short) else short


def asked_file(named: str, *endings: str) -> Path:
    """Return the file that a person has named in a dialog, which asks before one is replaced.

    Parameters
    ----------
    named
        Its path, to which the first ending is added where it has none of them.
    endings
        Such as ``".tif", ".tiff"``.

    Raises
    ------
    UserError
        If an ending is added and that file is there: nobody was asked whether to replace it.
    """
    if named.lower().endswith(endings):
        return Path(named)
    file = Path(named + endings[0])
    if file.exists():
        raise UserError(f"{file} exists: choose another name, or that file to replace it.")
    return file


def is_device(name: str) -> bool:
    """Tell whether Windows takes a file's name for a device, in any folder, such as ``aux.tif``."""
    return _DEVICE.fullmatch(name) is not None


def numbered(name: str) -> Iterator[str]:
    """Yield a name, and the same with a number, from 2 on."""
    yield name
    yield from (f"{name} {number}" for number in count(2))
