"""The small real images that come with the package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.planes import arrange
from napari_unet.io.picture import Picture
from napari_unet.io.read import read_image
from napari_unet.storage.bundled_samples import SAMPLE_OF, SAMPLES, sample_files
from napari_unet.storage.model_card import bundled_page

__all__ = ["SAMPLES", "SAMPLE_OF", "bundled_example", "load_sample"]


def load_sample(name: str) -> tuple[Picture, Picture]:
    """Read a bundled image and its ground truth.

    Parameters
    ----------
    name
        ``"nuclei2d"`` (6 x 256 x 256, six separate pictures), ``"tissue_rgb"`` (256 x 320 x 3),
        ``"nuclei3d"`` (48 x 80 x 80) or ``"neuron"`` (480 x 640).

    Returns
    -------
    The image, uint8, and its instance labels, uint16, without a channel axis; of a neuron its
    classes, uint8.

    Raises
    ------
    UserError
        If there is no sample of this name.
    """
    if name not in SAMPLES:
        raise UserError(f"There is no sample {name!r}; there are {', '.join(SAMPLES)}.")
    axes, spacing = SAMPLES[name].axes, SAMPLES[name].spacing
    unit = "px" if spacing is None else "µm"
    image, labels = (read_image(path).data for path in sample_files(name))
    return (
        Picture(image, axes, spacing, unit, name),
        Picture(labels, axes.replace("C", ""), spacing, unit, f"{name}_labels"),
    )


def bundled_example(header: Mapping[str, Any]) -> NDArray[Any] | None:
    """Return an image for a bundled model that comes with the package.

    Parameters
    ----------
    header
        What the model's file says about itself.

    Returns
    -------
    ``(C, *spatial)``, uint8; None where there is none, or the model is another.
    """
    name = SAMPLE_OF.get(header["name"])
    if name is None or not bundled_page(header):
        return None
    image, _ = load_sample(name)
    config = ModelConfig.from_dict(header["config"])
    first: NDArray[Any] = arrange(image.data, image.axes, config.ndim, config.in_channels)[0]
    return first
