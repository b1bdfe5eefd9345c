"""File names made from what a user has called something."""

from __future__ import annotations

import re

LONGEST = 60
"""Letters."""


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
    return allowed[:LONGEST].strip(" ._") or otherwise
