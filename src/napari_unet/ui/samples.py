"""The bundled images for napari's *File > Open Sample*."""

from __future__ import annotations

from typing import Any

from napari_unet.io.samples import load_sample

LayerData = tuple[Any, dict[str, Any], str]


def nuclei() -> list[LayerData]:
    """Six pictures of fluorescent nuclei, with their ground truth."""
    return _layers("nuclei2d", "nuclei")


def tissue() -> list[LayerData]:
    """Nuclei in stained tissue, in colour, with their ground truth."""
    return _layers("tissue_rgb", "tissue")


def nuclei_3d() -> list[LayerData]:
    """Nuclei in depth, with their ground truth."""
    return _layers("nuclei3d", "nuclei 3D")


def _layers(sample: str, name: str) -> list[LayerData]:
    image, labels = load_sample(sample)
    axes = labels.axes or ""
    look: dict[str, Any] = {"axis_labels": tuple(axes.lower())}
    if image.spacing is not None:
        look |= {"scale": image.spacing, "units": ("micrometer",) * len(axes)}
    truth = {"name": f"{name} ground truth", "visible": False}
    rgb = image.axes is not None and image.axes.endswith("C")
    return [(labels.data, look | truth, "labels"), (image.data, look | {"name": name, "rgb": rgb}, "image")]
