"""The record of how a result was made, read from its file without reading its pixels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_unet.core.errors import UserError, in_brackets
from napari_unet.core.provenance.record import KEY, Provenance
from napari_unet.io.tiff.series import BROKEN, ENDINGS
from napari_unet.io.tiff.write import TAG
from napari_unet.io.zarr_folder import is_zarr_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


_TABLE, _BESIDE = "_objects.csv", "_instances.tif"


def read_provenance(path: str | Path) -> Provenance:
    """Read what a result was made with.

    Parameters
    ----------
    path
        A TIFF or an OME-Zarr folder that this program has written, or the table of objects beside
        one.

    Raises
    ------
    UserError
        If there is no such file or no record in it, or the record is of another program, of a
        newer version, or was edited.
    """
    path = Path(path)
    if not path.exists():
        raise UserError(f"There is no file {path}.")
    if path.name.endswith(_TABLE):
        return _of_table(path)
    text = _text_in(path)
    if not text:
        raise _none(path)
    return Provenance.from_json(text, path.name)


def known_provenance(path: str | Path) -> Provenance | None:
    """Read what a result was made with; None where no file says it, or what it says is damaged."""
    try:
        return read_provenance(path)
    except UserError:
        return None


def _of_table(path: Path) -> Provenance:
    """Return the record of a table: what it was made with stands in the labels beside it."""
    beside = path.with_name(path.name.removesuffix(_TABLE) + _BESIDE)
    if not beside.is_file():
        raise UserError(
            f"{path.name} is a table, and how it was made stands in {beside.name}: put that beside "
            "it."
        )
    return read_provenance(beside).replace(kind="objects")


def _text_in(path: Path) -> str:
    if is_zarr_folder(path):
        return next((json.dumps(each[KEY]) for each in _attributes(path) if KEY in each), "")
    if path.suffix.lower() not in ENDINGS:
        return ""
    import tifffile  # noqa: PLC0415 - takes a moment

    try:
        with tifffile.TiffFile(path) as file:
            tag = file.pages.first.tags.get(TAG)
            return "" if tag is None else str(tag.value)
    except BROKEN as error:
        reason = in_brackets(error)
        raise UserError(f"{path.name} cannot be read; is it damaged?{reason}") from error


def _attributes(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the attributes of a zarr folder, where either format keeps them."""
    try:
        if (folder / ".zattrs").is_file():
            yield dict(json.loads((folder / ".zattrs").read_text("utf-8")))
        if (folder / "zarr.json").is_file():
            yield dict(json.loads((folder / "zarr.json").read_text("utf-8")).get("attributes", {}))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        reason = in_brackets(error)
        raise UserError(f"{folder.name} cannot be read; is it damaged?{reason}") from error


def _none(path: Path) -> UserError:
    return UserError(
        f"{path.name} does not say how it was made: only results of segment and Batch do, for as "
        "long as no other program saves them anew."
    )
