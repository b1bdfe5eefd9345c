"""What a disk says of a folder that may not be there yet."""

from __future__ import annotations

import errno
import math
import os
import shutil
from pathlib import Path

from napari_unet.core.errors import UserError

FULL = (errno.ENOSPC, errno.EDQUOT)
"""Numbers of errors that say that there is no room."""


def nearest(folder: Path) -> Path:
    """Return a folder, or the nearest one around it that is there; it may be a file.

    Raises
    ------
    UserError
        If there is none, as on a drive that is not plugged in.
    """
    whole = Path(os.path.realpath(folder))
    for each in (folder, *whole.parents):
        if each.exists():
            return each
    raise UserError(f"{folder} is on no disk, as there is no {whole.anchor}: give another folder.")


def free_bytes(folder: Path) -> float:
    """Return the bytes that are free on a folder's disk; infinity where the disk does not tell."""
    usage = shutil.disk_usage(nearest(folder))
    return usage.free if usage.total else math.inf
