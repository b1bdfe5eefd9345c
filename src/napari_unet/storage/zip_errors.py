"""What reading a ZIP file may end in, told in a sentence."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

from napari_unet.core.errors import UserError

BROKEN = (BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error)
"""What reading ends in of a ZIP file that is cut short, changed or encrypted."""


@contextmanager
def telling(path: Path, broken: str) -> Iterator[None]:
    """Turn what reading a file leads to into a sentence.

    Parameters
    ----------
    path
        The file.
    broken
        What is said of one that is no ZIP file, or a damaged one.

    Raises
    ------
    UserError
        Instead of what was raised.
    """
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except BROKEN as error:
        raise UserError(broken) from error
