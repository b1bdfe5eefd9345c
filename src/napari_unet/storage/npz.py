"""Arrays in ``.npz`` files, each unpacked only when it is asked for."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray


BROKEN = (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error)
"""What reading a file ends in that is cut short or changed, or holds something else."""


@contextmanager
def opened(path: Path) -> Iterator[Mapping[str, NDArray[Any]]]:
    """Open a file and give its arrays by their names; one of `BROKEN` says that it is damaged."""
    # numpy leaves a file open that it was given by name and that is none of its own
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        yield stored
