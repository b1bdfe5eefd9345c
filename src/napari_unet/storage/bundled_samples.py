"""The small real images that come with the package: what there is, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "samples"


@dataclass(frozen=True)
class BundledSample:
    """An image that comes with the package, and its ground truth.

    Parameters
    ----------
    file, axes
        The image's file and axes.
    spacing
        Size of a voxel in µm along its spatial axes; None for unknown.
    semantic
        Whether the ground truth is classes rather than objects.
    """

    file: str
    axes: str
    spacing: tuple[float, ...] | None = None
    semantic: bool = False

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return 3 if "Z" in self.axes else 2

    @property
    def channels(self) -> int:
        """Number of channels."""
        return 3 if "C" in self.axes else 1


SAMPLES = {
    "nuclei2d": BundledSample("nuclei2d_images.tif", "TYX"),
    "tissue_rgb": BundledSample("tissue_rgb_image.tif", "YXC"),
    "nuclei3d": BundledSample("nuclei3d_image.tif", "ZYX", (0.284, 0.127, 0.127)),
    "neuron": BundledSample("neuron_image.tif", "YX", semantic=True),
}
"""What there is, by name."""
SAMPLE_OF = {
    "nuclei": "nuclei2d",
    "nuclei-3d": "nuclei3d",
    "nuclei-tissue": "tissue_rgb",
    "neurites": "neuron",
}
"""A sample that each bundled model is for; there is none where the licence lets none be shipped."""


def sample_files(name: str) -> tuple[Path, Path]:
    """Return the files of a sample's image and of its ground truth."""
    return _FOLDER / SAMPLES[name].file, _FOLDER / f"{name}_labels.tif"
