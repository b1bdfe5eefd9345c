"""The small real images that come with the package: what there is, and where it lies."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "samples"

SAMPLES: dict[str, tuple[str, str, tuple[float, ...] | None]] = {
    "nuclei2d": ("nuclei2d_images.tif", "TYX", None),
    "tissue_rgb": ("tissue_rgb_image.tif", "YXC", None),
    "nuclei3d": ("nuclei3d_image.tif", "ZYX", (0.284, 0.127, 0.127)),
}
"""File, axes and size of a voxel in µm of each sample."""
SAMPLE_OF = {"nuclei": "nuclei2d", "nuclei-3d": "nuclei3d", "nuclei-tissue": "tissue_rgb"}
"""A sample that each bundled model is for; there is none where the licence lets none be shipped."""


def sample_files(name: str) -> tuple[Path, Path]:
    """Return the files of a sample's image and of its ground truth."""
    return _FOLDER / SAMPLES[name][0], _FOLDER / f"{name}_labels.tif"
