"""What it takes to start this program in another process and to learn how it ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

_SAID = "napari-unet: "
"""What the command line puts before a sentence."""

POLL = 0.1
"""Seconds between two looks at a file."""


def apart() -> dict[str, Any]:
    """Return what lets a process outlive its starter and not hear its Ctrl-C."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
