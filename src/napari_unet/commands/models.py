"""``napari-unet models``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_unet.core.model_header import known_models, read_header

if TYPE_CHECKING:
    from argparse import Namespace


def models(arguments: Namespace) -> int:
    """List the bundled models and the user's own; return the exit code."""
    for name, path in known_models().items():
        header = read_header(path)
        config, about = header["config"], header["about"]
        licence = about.get("licence", "not stated")
        print(
            f"{name}: {about.get('description', 'no description')}\n"
            f"    {config['ndim']}D, {config['in_channels']} channel(s), "
            f"classes: {', '.join(config['classes'])}; licence: {licence}"
        )
    return 0
