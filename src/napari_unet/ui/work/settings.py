"""What the user has set for all widgets, on our page of napari's preferences.

Napari before 0.9 has no such page; there everything is as usual.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_unet.core.config import TileConfig, TrainConfig
from napari_unet.storage.folders import choose_folder

PLUGIN = "napari-unet-studio"


def usual_tiles() -> TileConfig:
    """Return what a form begins with that says how images are sent through the network."""
    return TileConfig(**_values("computing"))


def usual_training() -> TrainConfig:
    """Return what a form begins with that says how a network is trained.

    The device only: how a training computes and what fits the memory is chosen from the data.
    """
    return TrainConfig(device=usual_tiles().device)


def use_folder() -> None:
    """Keep models, trainings and unsaved annotations where the user has set from now on."""
    named = _values("folders").get("data", "").strip()
    choose_folder(Path.home() / Path(named).expanduser() if named else None)


def _values(part: str) -> dict[str, Any]:
    """Return what is set in a part of the page, by the names of the manifest."""
    try:
        from napari.settings import get_plugin_settings, get_settings  # noqa: PLC0415 - from 0.9
    except ImportError:
        return {}
    file = get_settings().config_path
    # napari looks for all plugins again before it first reads their pages, a tenth of a second
    if file is not None and not Path(file).with_name(f"{PLUGIN}.yaml").exists():
        return {}
    page = get_plugin_settings().get(PLUGIN)
    return {} if page is None else dict(getattr(page, part).model_dump())
