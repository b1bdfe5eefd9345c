"""The small real images that come with the package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_unet.core.errors import UserError
from napari_unet.io.read import read_image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FOLDER = Path(__file__).parent.parent / "samples"


@dataclass(frozen=True)
class Sample:
    """What is known about a bundled image.

    Parameters
    ----------
    file
        Its file's name.
    axes
        One letter of T, Z, C, Y, X per array axis.
    spacing
        Size of a voxel in µm along Z, Y and X; None for unknown.
    """

    file: str
    axes: str
    spacing: tuple[float, ...] | None = None


SAMPLES = {
    "nuclei2d": Sample("nuclei2d_images.tif", "TYX"),
    "tissue_rgb": Sample("tissue_rgb_image.tif", "YXC"),
    "nuclei3d": Sample("nuclei3d_image.tif", "ZYX", (0.284, 0.127, 0.127)),
}


def load_sample(name: str) -> tuple[NDArray[Any], NDArray[np.integer]]:
    """Read a bundled image and its ground truth.

    Parameters
    ----------
    name
        ``"nuclei2d"`` (6 x 256 x 256, six separate pictures), ``"tissue_rgb"`` (256 x 320 x 3) or
        ``"nuclei3d"`` (48 x 80 x 80).

    Returns
    -------
    The image, uint8, and its instance labels, uint16, without a channel axis.

    Raises
    ------
    UserError
        If there is no sample of this name.
    """
    if name not in SAMPLES:
        raise UserError(f"There is no sample {name!r}; there are {', '.join(SAMPLES)}.")
    image = read_image(_FOLDER / SAMPLES[name].file).data
    return image, read_image(_FOLDER / f"{name}_labels.tif").data
