"""The libraries of torch, loaded so that the window goes on meanwhile."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

_LIBRARIES = {"libtorch_global_deps": ctypes.RTLD_GLOBAL, "libtorch_python": ctypes.DEFAULT_MODE}
"""Those that importing torch loads first, and how."""


def load() -> None:
    """Load what importing torch loads; to be called in a worker, before it is imported there.

    Python holds its lock while it loads the libraries of an import, for half a second or more, in
    which the window hangs; `ctypes` lets go of it. On Windows torch does so itself.
    """
    found = None if "torch" in sys.modules else find_spec("torch")
    if found is None or found.origin is None:
        return
    for name, mode in _LIBRARIES.items():
        for file in (Path(found.origin).parent / "lib").glob(f"{name}.*"):
            with suppress(OSError):  # importing torch has more ways, and says what is wrong
                ctypes.CDLL(str(file), mode)
