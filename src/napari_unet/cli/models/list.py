"""``napari-unet models``: what models there are, and how they came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_unet.cli.shared import each
from napari_unet.core.config import ModelConfig
from napari_unet.core.words import counted
from napari_unet.storage.model_card import learnt_from
from napari_unet.storage.model_header import known_models, read_header

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping
    from pathlib import Path


def models(arguments: Namespace) -> int:
    """List the bundled models and the user's own; return the exit code."""
    return each(list(known_models().values()), _describe)


def _describe(path: Path) -> None:
    header = read_header(path)
    config, about = ModelConfig.from_dict(header["config"]), header["about"]
    licence = about.get("licence", "not stated")
    print(
        f"{path.stem}: {about.get('description', 'no description')}\n"
        f"    {config.ndim}D, {counted(config.in_channels, 'channel')}, "
        f"classes: {', '.join(config.classes)}; licence: {licence}"
    )
    for entry in about.get("history", []):
        print(f"    {_trained(entry)}")


def _trained(entry: Mapping[str, Any]) -> str:
    """Say who trained a model, when, on what, and how good it was then."""
    found = (entry["figures"] or {}).get("ap50")
    score = "" if found is None else f", AP at IoU 0.5: {found:.2f}"
    return f"{entry['when'][:10]}, {entry['who']}: trained {learnt_from(entry)}{score}"
