"""The bundled images for napari's *File > Open Sample*."""

from __future__ import annotations

from typing import Any

from napari_unet.io.bundled import load_sample
from napari_unet.ui.layers.picture_layers import LayerData


def nuclei() -> list[LayerData]:
    """Six pictures of fluorescent nuclei, with their ground truth."""
    return _layers("nuclei2d", "nuclei")


def tissue() -> list[LayerData]:
    """Nuclei in stained tissue, in colour, with their ground truth."""
    return _layers("tissue_rgb", "tissue")


def nuclei_3d() -> list[LayerData]:
    """Nuclei in depth, with their ground truth."""
    return _layers("nuclei3d", "nuclei 3D")


def neuron() -> list[LayerData]:
    """One neuron with thin neurites in bright field, with its ground truth."""
    return _layers("neuron", "neuron")


def _layers(sample: str, name: str) -> list[LayerData]:
    image, labels = load_sample(sample)
    axes = labels.axes or ""
    place: dict[str, Any] = {"axis_labels": tuple(axes.lower())}
    if image.spacing is not None:
        place |= {"scale": image.spacing, "units": ("micrometer",) * len(axes)}
    truth = {"name": f"{name} ground truth", "visible": False}
    return [
        (labels.data, place | truth, "labels"),
        (image.data, place | {"name": name, "rgb": image.axes != axes}, "image"),
    ]
