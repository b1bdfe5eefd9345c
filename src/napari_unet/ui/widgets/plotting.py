"""The library that draws plots."""

from __future__ import annotations

import importlib
import os
from typing import Any

import qtpy


def load_library() -> Any:
    """Load pyqtgraph, for the binding that the window uses; takes a moment."""
    os.environ.setdefault("PYQTGRAPH_QT_LIB", qtpy.API_NAME)
    return importlib.import_module("pyqtgraph")
