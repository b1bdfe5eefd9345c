"""Networks that have not learnt anything yet, as they are listed beside models."""

from __future__ import annotations

from typing import Any

from napari_unet.core.config import PRESETS, DecodeConfig, NormalizeConfig

SCRATCH = {f"from scratch: {name}": name for name in PRESETS}
"""What they are called in the list, and their presets."""


def scratch_header(preset: str) -> dict[str, Any]:
    """Return what a model of a preset says about itself before it has learnt anything."""
    parts = {"config": PRESETS[preset], "normalize": NormalizeConfig(), "decode": DecodeConfig()}
    return {"name": preset} | {name: part.to_dict() for name, part in parts.items()}
