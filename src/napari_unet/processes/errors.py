"""Where in the code an error happened, shown to those who ask for it."""

from __future__ import annotations

import os
import traceback

from napari_unet.core.errors import TRACEBACK


def show_traceback() -> None:
    """Print where the error that is being handled happened, if `TRACEBACK` is set."""
    if os.environ.get(TRACEBACK):
        traceback.print_exc()
