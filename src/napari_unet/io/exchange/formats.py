"""The formats that objects are exported in."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content


@dataclass(frozen=True)
class Format:
    """A format that objects are exported in.

    Parameters
    ----------
    told
        What it is called in a form.
    about
        Who opens it, in a sentence.
    ending
        How the names of its files end; ``{role}`` and ``{picture}`` depend on what is exported.
    written_by
        Module and function.
    classes
        Whether it takes classes, too, and not only objects.
    largest
        Pixels along an axis that it can say; 0 for any.
    measured
        Whether it has the numbers of the table of objects.
    needs
        A package that it is written with and that need not be installed; empty for none.
    """

    told: str
    about: str
    ending: str
    written_by: str
    classes: bool = False
    largest: int = 0
    measured: bool = False
    needs: str = ""

    def path(self, folder: Path, content: Content) -> Path:
        """Return the file that is written of some content."""
        picture = "outlines" if content.image is None else "overlay"
        return folder / f"{content.name}{self.ending.format(role=content.role, picture=picture)}"

    def check(self, content: Content) -> None:
        """Refuse what cannot be written, before any work is done for it.

        Raises
        ------
        UserError
            If classes are given where objects are needed, the image is too large, or a package is
            missing.
        """
        if content.role == "semantic" and not self.classes:
            raise UserError(f"{self.told} is made of objects: choose some, beside the classes.")
        if 0 < self.largest < max(content.labels.shape, default=0):
            raise UserError(
                f"{self.told} reaches only up to {self.largest:,} pixels, and this image is "
                "larger: choose another format, such as GeoJSON."
            )
        if self.needs and find_spec(self.needs) is None:
            raise UserError(
                f"{self.told} needs {self.needs}, which is not installed: run pip install "
                f"{self.needs}, or choose another format."
            )

    def steps(self, path: Path, content: Content) -> Steps[None]:
        """Write a file; see `check` for what is refused."""
        self.check(content)
        module, function = self.written_by.split(":")
        steps: Steps[None] = getattr(import_module(f"{__package__}.{module}"), function)(
            path, content
        )
        return steps


FORMATS = {
    "tiff": Format(
        "Labels (TIFF)",
        "A number for each pixel, with scale, units and axes; for Fiji, Python and most others.",
        "_{role}.tif",
        "label_tiff:tiff_steps",
        classes=True,
    ),
    "csv": Format(
        "Table (CSV)",
        "A row for each object; for spreadsheets and R.",
        "_objects.csv",
        "table:csv_steps",
        measured=True,
    ),
    "roi": Format(
        "Fiji ROIs (zip)",
        "Outlines for the ROI Manager of Fiji and ImageJ.",
        "_rois.zip",
        "roi_zip:roi_steps",
        largest=60_535,  # ImageJ takes higher coordinates for negative ones
    ),
    "geojson": Format(
        "QuPath (GeoJSON)",
        "Outlines with classes and measurements, for QuPath.",
        ".geojson",
        "geojson:geojson_steps",
        measured=True,
    ),
    "coco": Format(
        "COCO (JSON)",
        "Masks and classes as other networks learn from them.",
        "_coco.json",
        "coco:coco_steps",
    ),
    "zarr": Format(
        "OME-Zarr",
        "Image and labels in one folder that is read part by part (NGFF 0.5).",
        ".ome.zarr",
        "ngff:ngff_steps",
    ),
    "png": Format(
        "Picture (PNG)",
        "Outlines over the image, of one plane, for slides.",
        "_{picture}.png",
        "slide:png_steps",
    ),
    "svg": Format(
        "Drawing (SVG)",
        "The same with lines that stay sharp at any size.",
        "_{picture}.svg",
        "slide:svg_steps",
    ),
    "parquet": Format(
        "Table (Parquet)",
        "The table for pandas, polars and R; needs pyarrow.",
        "_objects.parquet",
        "table:parquet_steps",
        measured=True,
        needs="pyarrow",
    ),
}
"""By the word that a flag takes, the most used first."""
