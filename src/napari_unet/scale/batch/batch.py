"""What is done with every image of a batch, and what its results are called."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from napari_unet.core.config import DecodeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.scale.large.folder import LargeJob
from napari_unet.storage.model_header import AUTO, bundled_models, find_model, read_header

EXTRAS = ("probabilities", "uncertainty")
_ALWAYS = ("instances", "semantic", "objects")


@dataclass(frozen=True)
class Batch:
    """What is done with every image.

    Parameters
    ----------
    out
        Folder for the results.
    model
        Name of a model or path of its file, or `AUTO`.
    request
        How each image is segmented.
    extras
        What else is written, of `EXTRAS`.
    overwrite
        Whether everything is made again and results that are there are replaced.
    """

    out: Path
    model: str | Path = "nuclei"
    request: SegmentRequest = SegmentRequest()
    extras: tuple[str, ...] = ()
    overwrite: bool = False

    def __post_init__(self) -> None:
        if "uncertainty" in self.extras and self.request.tiles.views == "one":
            raise UserError(
                "The uncertainty is how far several views disagree: choose mirrored views, too.",
                about="views mirrored",
            )

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some values changed, checked like any other."""
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the values, ready for JSON."""
        values = dataclasses.asdict(self)
        paths = {"out": str(self.out), "model": str(self.model)}
        return values | paths | {"request": self.request.to_dict()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Make a batch from `to_dict`'s result."""
        request = SegmentRequest.from_dict(values["request"])
        extras, out = tuple(values["extras"]), Path(values["out"])
        return cls(**values | {"request": request, "extras": extras, "out": out})

    def settings(self) -> dict[str, Any]:
        """Return all that the results depend on but the image, ready for JSON.

        Raises
        ------
        UserError
            If there is no such model.
        """
        automatic, request = self.model == AUTO, self.request
        files = list(bundled_models().values()) if automatic else [find_model(self.model)]
        decode = request.decode
        if decode is None and not automatic:
            decode = DecodeConfig.from_dict(read_header(files[0])["decode"])
        values = {
            "model": AUTO if automatic else files[0].stem,
            "sha256": hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest(),
            "axes": request.axes,
            "channels": request.channels,
            "spacing": request.spacing,
            "precision": request.tiles.precision,
            "views": request.tiles.views,
            "decode": decode and decode.to_dict(),
            "size": request.size.to_dict(),
            "link": request.link.to_dict(),
        }
        if request.grey.invert:  # not noted by earlier versions, whose batches go on
            values["grey"] = request.grey.to_dict()
        known: dict[str, Any] = json.loads(json.dumps(values))
        return known


def result_files(batch: Batch, name: str) -> dict[str, Path]:
    """Return the files that are written for an image.

    Parameters
    ----------
    batch
        The batch.
    name
        The image's name, as in `Source`.

    Returns
    -------
    The files, by ``"instances"``, ``"semantic"``, ``"objects"`` and the extras.
    """
    files = _all_files(batch.out, name)
    return {kind: path for kind, path in files.items() if kind in (*_ALWAYS, *batch.extras)}


def possible_results(batch: Batch, name: str) -> list[dict[str, Path]]:
    """Return what an image's results may be: files, or OME-Zarr folders of a large one."""
    kinds = ("instances", "semantic")
    folders = {kind: batch.out / f"{name}_{kind}.zarr" for kind in kinds}
    return [result_files(batch, name), folders]


def begun_by_blocks(batch: Batch, name: str) -> bool | None:
    """Tell whether an image's results were begun block by block; None if none were begun."""
    files, folders = possible_results(batch, name)
    for by_blocks, results in ((True, folders), (False, files)):
        if any(path.exists() for path in results.values()):
            return by_blocks
    return None


def remove_results(out: Path, name: str) -> None:
    """Delete all that there may be of an image, whether it was made in memory or block by block.

    Parameters
    ----------
    out
        Folder of the results.
    name
        The image's name, as in `Source`.

    Raises
    ------
    UserError
        If another process works on it block by block.
    """
    LargeJob(out.resolve(), name).remove()
    for path in _all_files(out, name).values():
        path.unlink(missing_ok=True)


def _all_files(out: Path, name: str) -> dict[str, Path]:
    """Return the files that may be written for an image, with all extras."""
    endings = dict.fromkeys((*_ALWAYS, *EXTRAS), "tif") | {"objects": "csv"}
    return {kind: out / f"{name}_{kind}.{ending}" for kind, ending in endings.items()}
