"""Where the program keeps the user's own models, runs and unsaved annotations."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

HOME = "NAPARI_UNET_HOME"
"""Environment variable that names another folder for everything."""

_CHOSEN: list[Path] = []
"""The folder of `choose_folder`; empty for the usual one."""


def choose_folder(folder: Path | None) -> None:
    """Keep everything in another folder from now on, in this process.

    The environment variable goes before it, as it is meant for one start of the program.

    Parameters
    ----------
    folder
        The folder, which may not be there yet; None for the usual one.
    """
    _CHOSEN[:] = [] if folder is None else [folder]


def data_folder() -> Path:
    """Return the folder that holds all the others; it may not be there yet."""
    if named := os.environ.get(HOME):
        return Path(named)
    return _CHOSEN[0] if _CHOSEN else user_data_path("napari-unet-studio", appauthor=False)


def models_folder() -> Path:
    """Return the folder of the models that the user has trained and kept."""
    return data_folder() / "models"


def runs_folder() -> Path:
    """Return the folder of the trainings that were started from napari."""
    return data_folder() / "runs"


def autosave_folder() -> Path:
    """Return the folder of annotations that were not closed in an orderly way."""
    return data_folder() / "annotations"
