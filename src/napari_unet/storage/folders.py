"""Where the program keeps the user's own models, runs and unsaved annotations."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

HOME = "NAPARI_UNET_HOME"
"""Environment variable that names another folder for everything."""


def data_folder() -> Path:
    """Return the folder that holds all the others; it may not be there yet."""
    return Path(os.environ.get(HOME) or user_data_path("napari-unet-studio", appauthor=False))


def models_folder() -> Path:
    """Return the folder of the models that the user has trained and kept."""
    return data_folder() / "models"


def runs_folder() -> Path:
    """Return the folder of the trainings that were started from napari."""
    return data_folder() / "runs"


def autosave_folder() -> Path:
    """Return the folder of annotations that were not closed in an orderly way."""
    return data_folder() / "annotations"
