"""What the user has set for all widgets, on our page of napari's preferences.

Napari before 0.9 has no such page; there everything is as usual.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari.settings import get_settings
from napari.utils.notifications import show_warning
from psygnal import SignalInstance

from napari_unet.core.config import TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig
from napari_unet.storage.folders import choose_folder, data_folder
from napari_unet.ui.work.settings_file import folder_of, nonsense_in

PLUGIN = "napari-unet-studio"


def usual_tiles() -> TileConfig:
    """Return what a form begins with that says how images are sent through the network."""
    return TileConfig(**_values("computing"))


def usual_training() -> TrainConfig:
    """Return what a form begins with that says how a network is trained.

    The device only: how a training computes and what fits the memory is chosen from the data.
    """
    return TrainConfig(device=usual_tiles().device)


folder_changed = SignalInstance()
"""Emitted when models, trainings and unsaved annotations are kept in another folder from now on."""


def use_folder() -> None:
    """Keep models, trainings and unsaved annotations where the user has set from now on."""
    before = data_folder()
    try:
        choose_folder(folder_of(_values("folders").get("data", "")))
    except UserError as error:
        _say_once(str(error))
    if data_folder() != before:
        folder_changed.emit()


def say_nonsense() -> None:
    """Say once what was written into the file of the page by hand and makes no sense."""
    file = _file()
    if file is not None and file.exists():
        _say_once(nonsense_in(file))


def _values(part: str) -> dict[str, Any]:
    """Return what is set in a part of the page, by the names of the manifest."""
    try:
        from napari.settings import get_plugin_settings  # noqa: PLC0415 - from napari 0.9 on
    except ImportError:
        return {}
    file = _file()
    # napari looks for all plugins again before it first reads their pages, a tenth of a second
    if file is not None and not file.exists():
        return {}
    try:
        page = get_plugin_settings().get(PLUGIN)
    except Exception:  # napari takes for granted that each file holds names with values
        return {}
    return {} if page is None else dict(getattr(page, part).model_dump())


def _file() -> Path | None:
    """Return where napari keeps our page; None where it keeps nothing."""
    napari_file = get_settings().config_path
    return None if napari_file is None else Path(napari_file).with_name(f"{PLUGIN}.yaml")


def _say_once(sentence: str) -> None:
    if sentence and sentence not in _said:
        _said.add(sentence)
        show_warning(sentence)


_said: set[str] = set()
"""What was said since napari was started."""
