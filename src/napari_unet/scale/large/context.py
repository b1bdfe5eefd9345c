"""All that a process needs to work on a job: the image, the network, the arrays on disk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import zarr
from zarr.storage import LocalStore

from napari_unet.core.config import DecodeConfig, GreyConfig, LinkConfig, TileConfig
from napari_unet.core.decoding.advice import Advice
from napari_unet.core.decoding.fragments import BlockFragments
from napari_unet.core.decoding.join import FragmentLabels
from napari_unet.core.decoding.segmentation import SizeMatch
from napari_unet.core.errors import UserError
from napari_unet.core.image.grid import Grid
from napari_unet.core.image.planes import Planes, arrange
from napari_unet.core.image.resample import Resampled
from napari_unet.core.instances.link import linked_axes
from napari_unet.nn.device import choose_device
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.nn.model import Model
    from napari_unet.scale.large.folder import LargeJob


_PARTS = 4
"""A block is stored in this many parts per axis, so that a margin of it is read quickly."""
SCRATCH = {"foreground": "bool", "height": "float32", "fragments": "uint32"}


@dataclass(frozen=True)
class JobContext:
    """What tasks work with.

    Parameters
    ----------
    job
        Where files lie.
    notes
        What `LargeJob.begin` returned.
    planes
        The image.
    model
        The model.
    """

    job: LargeJob
    notes: dict[str, Any]
    planes: Planes
    model: Model

    @classmethod
    def at(cls, job: LargeJob, notes: dict[str, Any], image: Any, model: Model) -> Self:
        """Return the context for a job that was begun, and its image."""
        asked, config = notes["asked"], model.config
        axes, channels = asked["image"]["axes"], (config.in_channels, asked["channels"])
        inverted = "grey" in asked and GreyConfig.from_dict(asked["grey"]).invert
        planes = arrange(image, axes, config.ndim, *channels, inverted=inverted)
        return cls(job, notes, planes, model)

    @cached_property
    def seen(self) -> Planes:
        """The image at the size at which the network sees it."""
        size = tuple(self.notes["chosen"]["size"])
        return self.planes if size == self.planes.spatial else Resampled.of(self.planes, size)

    @cached_property
    def grid(self) -> Grid:
        """The blocks of a plane."""
        return Grid(self.planes.spatial, tuple(self.notes["chosen"]["block"]))

    @property
    def levels(self) -> int:
        """Levels of the results' pyramids."""
        return int(self.notes["chosen"]["levels"])

    @cached_property
    def decode(self) -> DecodeConfig:
        """How objects are made: the smallest size counts pixels of the image."""
        return self.match.seen(DecodeConfig.from_dict(self.notes["asked"]["decode"]))

    @property
    def match(self) -> SizeMatch:
        """By what the image is resampled for the network."""
        noted = self.notes["chosen"].get("match")  # jobs begun by earlier versions have none
        return SizeMatch(tuple(noted["by"]), noted["told"]) if noted else SizeMatch()

    @property
    def doubt(self) -> str:
        """Sentences on channels that nobody chose, and on how badly the model fits the image."""
        return str(self.notes["chosen"].get("doubt", ""))

    @property
    def advice(self) -> Advice:
        """What to do where the model does not fit; jobs begun by earlier versions have none."""
        return Advice(**self.notes["chosen"].get("advice", {}))

    @cached_property
    def link(self) -> LinkConfig:
        """Which objects of neighbouring planes and frames are one."""
        return LinkConfig.from_dict(self.notes["asked"]["link"])

    @property
    def linked(self) -> str:
        """Axes along which objects are joined."""
        return linked_axes(self.planes.axes, self.model.config.ndim, self.link)

    @cached_property
    def predictor(self) -> Predictor:
        """The network, on its device."""
        tiles = TileConfig.from_dict(self.notes["chosen"]["tiles"])
        return Predictor(self.model.network, choose_device(tiles.device), tiles)

    @cached_property
    def instances(self) -> list[Any]:
        """The levels of the objects."""
        return self._levels("instances")

    @cached_property
    def semantic(self) -> list[Any]:
        """The levels of the classes."""
        return self._levels("semantic")

    @property
    def lead(self) -> list[int]:
        """The image's axes of planes in the order of the results, where time comes first."""
        return sorted(range(len(self.planes.lead)), key=lambda axis: self.planes.axes[axis])

    def _levels(self, kind: str) -> list[Any]:
        path = getattr(self.job, kind)
        try:
            group = zarr.open_group(str(path), mode="r+")
            return [group[str(level)] for level in range(self.levels)]
        except (OSError, KeyError) as error:
            raise UserError(
                f"{path} is gone or damaged: delete the folder {self.job.folder} to begin anew."
            ) from error

    @cached_property
    def scratch(self) -> dict[str, Any]:
        """What is stored on the way, ``(plane, *spatial)``, by the names of `SCRATCH`."""
        return {name: zarr.open_array(str(self.job.scratch / name), mode="r+") for name in SCRATCH}

    def make_scratch(self) -> None:
        """Make the arrays of the way, empty."""
        edges = self.grid.edges
        for name, dtype in SCRATCH.items():
            zarr.create_array(
                LocalStore(self.job.scratch / name),
                shape=(len(self.planes), *self.planes.spatial),
                shards=(1, *edges),
                chunks=(1, *(edge // _PARTS if edge % _PARTS == 0 else edge for edge in edges)),
                dtype=dtype,
                fill_value=0,
                overwrite=True,
            )

    def write(self, levels: list[Any], plane: int, block: int, values: Any) -> None:
        """Write a block's labels into every level of a result."""
        position = np.unravel_index(plane, self.planes.lead) if self.planes.lead else ()
        lead = [int(position[axis]) for axis in self.lead]
        for level, array in enumerate(levels):
            step = 2**level
            steps = [1] * (values.ndim - 2) + [step, step]
            region = self.grid.region(block)
            inside = tuple(
                slice(start // by, -(-stop // by))
                for (start, stop), by in zip(region, steps, strict=True)
            )
            array[(*lead, *inside)] = values[tuple(slice(None, None, by) for by in steps)]

    def save_record(self, plane: int, block: int, record: BlockFragments) -> None:
        """Keep the table of a block's fragments."""
        with replacing(self._record(plane, block)) as path, path.open("wb") as file:
            np.savez(file, **record._asdict())

    def read_record(self, plane: int, block: int) -> BlockFragments:
        """Return the table of a block's fragments."""
        with np.load(self._record(plane, block)) as file:
            return BlockFragments(**{name: file[name] for name in BlockFragments._fields})

    def _record(self, plane: int, block: int) -> Path:
        return self.job.scratch / "records" / str(plane) / f"{block}.npz"

    def save_numbers(self, plane: int, numbers: FragmentLabels) -> None:
        """Keep which object each fragment of a plane belongs to."""
        for path, values in zip(self._numbers(plane), numbers[:2], strict=True):
            with replacing(path) as temporary, temporary.open("wb") as file:
                np.save(file, values)

    def numbers_of(self, plane: int, block: int) -> NDArray[np.int64]:
        """Return a block's table from fragments to objects."""
        number, offset = (np.load(path, mmap_mode="r") for path in self._numbers(plane))
        return FragmentLabels(number, offset, 0).of(block)

    def objects(self, plane: int, block: int) -> NDArray[np.int64]:
        """Return a block's objects, numbered within their plane."""
        inside = (plane, *(slice(*cut) for cut in self.grid.region(block)))
        fragments: NDArray[np.uint32] = self.scratch["fragments"][inside]
        return self.numbers_of(plane, block).take(fragments)

    def save_overlaps(self, plane: int, block: int, tables: dict[str, Any]) -> None:
        """Keep the overlaps of a block's objects with those of the next planes, by axis."""
        with replacing(self._overlaps(plane, block)) as path, path.open("wb") as file:
            np.savez(file, **tables)

    def read_overlaps(self, plane: int, block: int, letter: str) -> NDArray[np.int64]:
        """Return the overlaps along an axis: labels here, labels there, pixels."""
        with np.load(self._overlaps(plane, block)) as file:
            table: NDArray[np.int64] = file[letter]
            return table

    def _overlaps(self, plane: int, block: int) -> Path:
        return self.job.scratch / "overlaps" / str(plane) / f"{block}.npz"

    def save_linked(self, number: NDArray[np.int64]) -> None:
        """Keep the number of each object after linking, 0 for none first."""
        with replacing(self.job.scratch / "linked.npy") as path, path.open("wb") as file:
            np.save(file, number)

    def final_numbers(self, plane: int, block: int, before: int) -> NDArray[np.uint32]:
        """Return a block's table from fragments to final numbers.

        Parameters
        ----------
        plane, block
            The block.
        before
            Number of objects in the planes before.
        """
        table = self.numbers_of(plane, block)
        table[table > 0] += before
        if self.linked:
            table = np.load(self.job.scratch / "linked.npy", mmap_mode="r").take(table)
        return table.astype(np.uint32)

    def _numbers(self, plane: int) -> list[Path]:
        folder = self.job.scratch / "records" / str(plane)
        return [folder / "number.npy", folder / "offset.npy"]
