"""Which versions of this program, and of what it computes with, are installed."""

from __future__ import annotations

import platform
from importlib.metadata import version

from napari_unet.core.provenance.record import PROGRAM


def versions() -> dict[str, str]:
    """Return the versions, by the names of the fields of a `Provenance`; nothing is loaded."""
    installed = {"version": version(PROGRAM), "numpy": version("numpy"), "torch": version("torch")}
    return installed | {"python": platform.python_version()}
