"""The settings of a file, of a result, or of a folder of results."""

from __future__ import annotations

from pathlib import Path

from napari_unet.core.errors import UserError
from napari_unet.core.provenance.settings import Settings
from napari_unet.io.provenance.read import read_provenance
from napari_unet.io.zarr_folder import is_zarr_folder

_RESULTS = ("*_instances.tif", "*_instances.zarr")


def read_settings(path: str | Path) -> Settings:
    """Read with what images were segmented.

    Parameters
    ----------
    path
        A file of settings (``.json``), a result that says how it was made, see
        `read_provenance`, or a folder of results, of which the newest one counts.

    Raises
    ------
    UserError
        If there is no such file, or it does not say it.
    """
    path = Path(path)
    if path.is_dir() and not is_zarr_folder(path):
        return Settings.of(read_provenance(_newest(path)))
    if path.suffix.lower() != ".json":
        return Settings.of(read_provenance(path))
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    return Settings.from_json(text, path.name)


def _newest(folder: Path) -> Path:
    found = [path for pattern in _RESULTS for path in folder.rglob(pattern)]
    if not found:
        raise UserError(
            f"{folder} has no results in it: choose a folder in which segment or Batch has "
            "written some."
        )
    return max(found, key=lambda path: path.stat().st_mtime_ns)
