"""The small real images that come with the package."""

from __future__ import annotations

from pathlib import Path

from napari_unet.core.errors import UserError
from napari_unet.io.picture import Picture
from napari_unet.io.read import read_image

_FOLDER = Path(__file__).parent.parent / "samples"


SAMPLES: dict[str, tuple[str, str, tuple[float, ...] | None]] = {
    "nuclei2d": ("nuclei2d_images.tif", "TYX", None),
    "tissue_rgb": ("tissue_rgb_image.tif", "YXC", None),
    "nuclei3d": ("nuclei3d_image.tif", "ZYX", (0.284, 0.127, 0.127)),
}
"""File, axes and size of a voxel in µm of each sample."""
SAMPLE_OF = {"nuclei": "nuclei2d", "nuclei-tissue": "tissue_rgb"}
"""A sample that each bundled model is for; there is none where the licence lets none be shipped."""


def load_sample(name: str) -> tuple[Picture, Picture]:
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
    file, axes, spacing = SAMPLES[name]
    unit = "px" if spacing is None else "µm"
    image = read_image(_FOLDER / file).data
    labels = read_image(_FOLDER / f"{name}_labels.tif").data
    return (
        Picture(image, axes, spacing, unit, name),
        Picture(labels, axes.replace("C", ""), spacing, unit, f"{name}_labels"),
    )
