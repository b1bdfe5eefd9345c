"""The formats that objects are exported in, and the files that are written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import check_labels
from napari_unet.core.instances.overlaps import class_of_each
from napari_unet.core.progress import Progress
from napari_unet.storage.atomic import check_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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
    """

    told: str
    about: str
    ending: str
    written_by: str
    classes: bool = False

    def path(self, folder: Path, content: Content) -> Path:
        """Return the file that is written of some content."""
        picture = "outlines" if content.image is None else "overlay"
        return folder / f"{content.name}{self.ending.format(role=content.role, picture=picture)}"

    def steps(self, path: Path, content: Content) -> Steps[None]:
        """Write a file."""
        module, function = self.written_by.split(":")
        steps: Steps[None] = getattr(import_module(f"{__package__}.{module}"), function)(
            path, content
        )
        return steps


FORMATS = {
    "tiff": Format(
        "Label image (TIFF)",
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
    ),
    "roi": Format(
        "Fiji ROIs (zip)",
        "Outlines for the ROI Manager of Fiji and ImageJ.",
        "_rois.zip",
        "roi_zip:roi_steps",
    ),
    "geojson": Format(
        "QuPath (GeoJSON)",
        "Outlines with classes and measurements, for QuPath.",
        ".geojson",
        "geojson:geojson_steps",
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
    ),
}
"""By the word that a flag takes, the most used first."""


@dataclass(frozen=True)
class Export:
    """Files to be written of some content.

    Parameters
    ----------
    content
        The objects, or classes alone.
    formats
        Words of `FORMATS`.
    folder
        Made if it is not there.
    """

    content: Content
    formats: Sequence[str]
    folder: Path

    def files(self) -> dict[Path, tuple[Format, Content]]:
        """Return what is written, by its file.

        Raises
        ------
        UserError
            If there is no such format, none, or one that takes objects and not classes.
        """
        unknown = [word for word in self.formats if word not in FORMATS]
        if unknown:
            raise UserError(f"There is no format {unknown[0]!r}; use {', '.join(FORMATS)}.")
        if not self.formats:
            raise UserError("There is nothing to export: choose a format.")
        files = {}
        for word in self.formats:
            form = FORMATS[word]
            if self.content.role == "semantic" and not form.classes:
                raise UserError(f"{form.told} is made of objects: choose some, beside the classes.")
            for each in (self.content, self._classes() if form.classes else None):
                if each is not None:
                    files[form.path(self.folder, each)] = (form, each)
        return files

    def _classes(self) -> Content | None:
        semantic = self.content.semantic
        if semantic is None:
            return None
        return replace(self.content, labels=semantic, semantic=None, role="semantic")


def export_steps(export: Export, overwrite: bool = False) -> Steps[list[Path]]:
    """Write objects in several formats.

    Parameters
    ----------
    export
        What is written, and where.
    overwrite
        Whether files that are there may be replaced.

    Yields
    ------
    Progress with the files done, and where one takes long, within it.

    Returns
    -------
    The files, in the order of the formats.

    Raises
    ------
    UserError
        If a file is there already, nothing may be written to the folder, or the labels cannot be
        objects; then none is written.
    """
    files = export.files()
    refuse_replacing(files, overwrite)
    check_folder(export.folder)
    content = export.content
    check_labels(content.labels, "The label image")
    if content.semantic is not None:
        yield Progress("finding classes")
        classes = class_of_each(content.labels, content.semantic)
        files = replace(export, content=replace(content, classes=classes)).files()
    for done, (path, (form, part)) in enumerate(files.items()):
        yield Progress("exporting", done, len(files))
        yield from form.steps(path, part)
    return list(files)


def refuse_replacing(files: Iterable[Path], overwrite: bool) -> None:
    """Keep files that are there.

    Raises
    ------
    UserError
        If one is there and may not be replaced.
    """
    there = [path.name for path in files if path.exists()]
    if there and not overwrite:
        raise UserError(
            f"{' and '.join(there)} {'is' if len(there) == 1 else 'are'} in that folder already: "
            "choose another folder or name, or allow that files are replaced.",
            about="overwrite",
        )
