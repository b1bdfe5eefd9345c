"""Which layers belong together: those of one result."""

from __future__ import annotations

from uuid import UUID

from napari.layers import Layer

from napari_unet.ui.layers.metadata import MADE, of_one_image


def of_one_result(one: Layer, other: Layer) -> bool:
    """Return whether two layers are of one image, and were found at once as far as is known."""
    runs = {run_of(each) for each in (one, other)} - {None}
    return len(runs) < 2 and of_one_image(one, other)


def run_of(layer: Layer) -> UUID | None:
    """Return what is the same in all that one click on *Segment* found; None if not known."""
    run: UUID | None = layer.metadata.get(MADE, {}).get("run")
    return run
