"""The keys of `layer.metadata` that are ours."""

from __future__ import annotations

MADE = "napari_unet"
"""Key in the metadata of the layers that are made here; holds `ndim` and `axes`."""

WEIGHTS = "napari_unet_weights"
"""Key in a weight map's metadata: the name of its `annotation`, whether it is `complete`, and
whether it was `painted` on."""
