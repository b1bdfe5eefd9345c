"""Models, runs, annotations and settings packed for another machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps, drive
from napari_unet.scale.share.parcel import Parcel, collect, refuse_running
from napari_unet.storage.atomic import check_folder
from napari_unet.storage.crate.content import Crate
from napari_unet.storage.crate.metadata import METADATA
from napari_unet.storage.crate.write import write_steps
from napari_unet.storage.versions import versions


def share(out: str | Path, parcel: Parcel, *, overwrite: bool = False) -> Path:
    """Pack models, runs, annotations and settings for another machine.

    Parameters
    ----------
    out
        The package to write: a ZIP file where it ends in ``.zip``, else a folder.
    parcel
        What goes into it. The models that its runs and settings need come along by themselves.
    overwrite
        Whether a file of that name, or an earlier package in that folder, may be replaced.

    Returns
    -------
    The package.

    Raises
    ------
    UserError
        If there is nothing to share, something is missing, damaged or being trained, or the package
        is there or cannot be written; then nothing is written.

    Examples
    --------
    >>> from napari_unet import Parcel, share
    >>> package = share("for Ada.zip", Parcel(models=("nuclei",)))
    """
    drive(share_steps(Path(out), parcel, overwrite=overwrite))
    return Path(out)


def share_steps(out: Path, parcel: Parcel, *, overwrite: bool = False) -> Steps[Crate]:
    """Pack step by step: `share` is this, driven to its end.

    Yields
    ------
    Progress in MB; notices about what could not be taken along.

    Returns
    -------
    What is in the package.
    """
    _check(out, overwrite)
    found = collect(parcel)
    for note in found.notes:
        yield Progress("packing", notice=note)
    date = datetime.now(UTC).isoformat(timespec="seconds")
    about = Crate(parcel.card(), date, versions()["version"], ())
    return (yield from write_steps(out, found.parts, about, lambda: _check_runs(found.runs)))


def _check_runs(folders: list[Path]) -> None:
    """Refuse the package where a training has begun while it was written."""
    for folder in folders:
        refuse_running(folder)


def _check(out: Path, overwrite: bool) -> None:
    check_folder(out.absolute().parent, about="")
    if not out.exists():
        return
    if not overwrite:
        raise UserError(f"{out} exists: choose another name, or replace it.", about="overwrite")
    if out.is_dir() != (out.suffix.lower() != ".zip"):
        raise UserError(f"{out} is in the way: choose another name.")
    if out.is_dir() and not (out / METADATA).is_file() and any(out.iterdir()):
        raise UserError(
            f"{out} is a folder that holds something else, so it is not replaced: choose another "
            "name."
        )
