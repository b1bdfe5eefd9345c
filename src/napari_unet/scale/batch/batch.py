"""What is done with every image of a batch, and what its results are called."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from napari_unet.core.config import DecodeConfig, LinkConfig, SizeConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import LETTERS, SPATIAL
from napari_unet.core.option import Config
from napari_unet.storage.model_header import find_model, read_header

EXTRAS = ("probabilities", "uncertainty")
_ALWAYS = ("instances", "semantic", "objects")
_CONFIGS: dict[str, type[Config]] = {
    "tiles": TileConfig,
    "decode": DecodeConfig,
    "size": SizeConfig,
    "link": LinkConfig,
}


@dataclass(frozen=True)
class Batch:
    """What is done with every image.

    Parameters
    ----------
    out
        Folder for the results.
    model
        Name of a model or path of its file.
    axes
        One letter of TZCYX per axis of the images; None for what each file says, else guessed.
    channels
        Which channels the model looks at, in its order, counted from 0; empty for all.
    spacing
        Size of a pixel in µm along Z, Y and X, or Y and X, for images that do not tell their own.
    tiles
        Device, precision, views, and how images are cut up.
    decode
        How objects are made from the network's output; None for the model's own way.
    size, link
        Whether images are brought to the size that the model knows; what is joined.
    extras
        What else is written, of `EXTRAS`.
    overwrite
        Whether everything is made again and results that are there are replaced.
    """

    out: Path
    model: str | Path = "nuclei"
    axes: str | None = None
    channels: tuple[int, ...] = ()
    spacing: tuple[float, ...] = ()
    tiles: TileConfig = field(default_factory=TileConfig)
    decode: DecodeConfig | None = None
    size: SizeConfig = field(default_factory=SizeConfig)
    link: LinkConfig = field(default_factory=LinkConfig)
    extras: tuple[str, ...] = ()
    overwrite: bool = False

    def __post_init__(self) -> None:
        _check_axes(self.axes)
        if any(channel < 0 for channel in self.channels):
            raise UserError(f"Channels are counted from 0, so {min(self.channels)} is none.")
        fits = len(self.spacing) in (0, *SPATIAL)
        if not fits or not all(0 < step < math.inf for step in self.spacing):
            told = ",".join(f"{step:g}" for step in self.spacing)
            raise UserError(
                f"The spacing must be two or three numbers above 0 (Y,X or Z,Y,X), not {told}."
            )
        if "uncertainty" in self.extras and self.tiles.views == "one":
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
        return values | {"out": str(self.out), "model": str(self.model)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Make a batch from `to_dict`'s result."""
        configs = {
            name: values[name] and config.from_dict(values[name])
            for name, config in _CONFIGS.items()
        }
        lists = {name: tuple(values[name]) for name in ("channels", "spacing", "extras")}
        return cls(**values | configs | lists | {"out": Path(values["out"])})

    def settings(self) -> dict[str, Any]:
        """Return all that the results depend on but the image, ready for JSON.

        Raises
        ------
        UserError
            If there is no such model.
        """
        path = find_model(self.model)
        decode = self.decode or DecodeConfig.from_dict(read_header(path)["decode"])
        values = {
            "model": path.stem,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "axes": self.axes,
            "channels": self.channels,
            "spacing": self.spacing,
            "precision": self.tiles.precision,
            "views": self.tiles.views,
            "decode": decode.to_dict(),
            "size": self.size.to_dict(),
            "link": self.link.to_dict(),
        }
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
    files = all_files(batch.out, name)
    return {kind: path for kind, path in files.items() if kind in (*_ALWAYS, *batch.extras)}


def possible_results(batch: Batch, name: str) -> list[dict[str, Path]]:
    """Return what an image's results may be: files, or OME-Zarr folders of a large one."""
    kinds = ("instances", "semantic")
    folders = {kind: batch.out / f"{name}_{kind}.zarr" for kind in kinds}
    return [result_files(batch, name), folders]


def all_files(out: Path, name: str) -> dict[str, Path]:
    """Return the files that may be written for an image, with all extras."""
    endings = dict.fromkeys((*_ALWAYS, *EXTRAS), "tif") | {"objects": "csv"}
    return {kind: out / f"{name}_{kind}.{ending}" for kind, ending in endings.items()}


def _check_axes(axes: str | None) -> None:
    if axes is None:
        return
    letters = axes.upper()
    unique = len(set(letters)) == len(letters)
    if not unique or not set(SPATIAL[2]) <= set(letters) <= set(LETTERS):
        raise UserError(
            f"The axes {axes!r} cannot be: give one of the letters T, Z, C, Y and X for each "
            "axis of the images, Y and X among them, none twice."
        )
