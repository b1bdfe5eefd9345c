"""File names made from what a user has called something, and how they are numbered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

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


def is_device(name: str) -> bool:
    """Tell whether Windows takes a file's name for a device, in any folder, such as ``aux.tif``."""
    return _DEVICE.fullmatch(name) is not None


def numbered(name: str) -> Iterator[str]:
    """Yield a name, and the same with a number, from 2 on."""
    yield name
    yield from (f"{name} {number}" for number in count(2))
