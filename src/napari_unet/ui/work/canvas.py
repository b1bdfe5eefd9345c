"""napari's canvas while layers are removed from it."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel


def make_current(viewer: ViewerModel, _: Any = None) -> None:
    """Make the canvas's OpenGL context the current one, as long as there is a canvas.

    When a layer was removed, napari (0.6.6 to 0.9.2) frees at once what the layer has on the
    graphics card, in whatever context is current: often the one in which Qt puts its windows
    together. The canvas then goes on to refer to it, and drawing can end the process.
    """
    window = getattr(viewer, "window", None)  # a viewer without a window has no canvas
    if window is not None and window._qt_viewer.canvas.native.isValid():
        window._qt_viewer.canvas.native.makeCurrent()
