"""A result of *Segment*, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from weakref import ref

import numpy as np
from napari.layers import Labels
from numpy.typing import NDArray

from napari_unet.core.config import DecodeConfig
from napari_unet.core.instances.labels import objects_per_plane
from napari_unet.core.progress import Steps
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.segment.job import SegmentJob
from napari_unet.ui.segment.result.made import with_file
from napari_unet.ui.segment.result.results import Results

if TYPE_CHECKING:
    from napari_unet.core.decoding.segmentation import Segmentation


@dataclass(frozen=True)
class Shown:
    """A result, what was asked for, and the layers that it is shown in.

    Parameters
    ----------
    results
        The layers of the image's results.
    job
        What was asked for, with the values that the objects were made with; without the pixels.
    result
        What was found.
    counts
        Number of objects in each plane, integer ``(*lead)``.
    total
        Number of objects in all of them; `result` is what the layer holds, where planes may be
        done again.
    layer
        The objects' layer; None before it is there.
    token
        The same for as long as it is the same result, whatever values its objects are made with.
    """

    results: Results
    job: SegmentJob
    result: Segmentation
    counts: NDArray[np.int64]
    total: int
    layer: Labels | None = None
    token: object = field(default_factory=object)

    @classmethod
    def of(cls, results: Results, job: SegmentJob, result: Segmentation) -> Shown:
        """Return a result that was just found; to be called in a worker, for it counts."""
        bare = replace(job, source=replace(job.source, image=None))
        counts = objects_per_plane(result.instances, result.ndim)
        return cls(results, bare, result, counts, int(result.instances.max(initial=0)))

    @property
    def decode(self) -> DecodeConfig:
        """The values that the objects were made with."""
        return self.job.decode

    @property
    def planes(self) -> dict[int, int]:
        """Which plane was segmented, by axis of the layer; empty for the whole."""
        return self.job.source.planes

    @property
    def lead(self) -> str:
        """The letters of the axes along which its planes follow each other."""
        return self.result.axes[: self.result.instances.ndim - self.result.ndim]

    @property
    def bytes(self) -> int:
        """How much memory it takes."""
        found = self.result
        arrays = (found.instances, found.semantic, found.probabilities, found.height, found.spread)
        return sum(array.nbytes for array in arrays if array is not None)

    def decoded(self, config: DecodeConfig) -> Shown:
        """Return the same with its objects made anew; to be called in a worker."""
        job = replace(self.job, request=self.job.request.replace(decode=config))
        made = Shown.of(self.results, job, self.result.decoded(config))
        return replace(made, layer=self.layer, token=self.token)

    def drawn(self) -> Shown:
        """Write the objects into their layer, and return the same with that layer.

        A new result lies where the image lies; made anew, its objects stay where they lie by now.
        """
        source = self.job.source
        if self.layer is not None:
            source = replace(source, geometry=geometry(self.layer))
        layer = self.results.show_labels(source, self.result)
        made, before = self.result.made, layer.metadata[MADE].get("made")
        found = {
            "size": self.result.match.told,
            "made": before.overwritten(made) if self.planes and before else made,
            "result": None if self.planes else ref(self.result),
        }
        layer.metadata[MADE] |= found
        return replace(self, layer=layer)

    def show(self) -> None:
        """Bring its objects into view, which may be hidden while they are annotated."""
        if self.layer is not None:
            self.layer.visible = True

    def is_there(self) -> bool:
        """Return whether its layer is in the viewer as it was made, neither deleted nor painted."""
        return self.layer is not None and self.layer is self.results.instances

    @property
    def parted(self) -> bool:
        """Whether it is a plane of a layer whose other planes have objects that were joined."""
        joined = self.layer is not None and bool(self.layer.metadata[MADE]["joined"])
        return bool(self.planes) and joined

    def overlaps(self, other: Shown) -> bool:
        """Return whether it is written where another result of the same layer lies."""
        return all(other.planes.get(axis, plane) == plane for axis, plane in self.planes.items())

    def covers(self, other: Shown) -> bool:
        """Return whether nothing is left of another result of the image below this one."""
        return self.planes.items() <= other.planes.items()


def shown_steps(results: Results, job: SegmentJob) -> Steps[Shown]:
    """Segment, step by step, and count; to be called in a worker, for it loads torch."""
    result = yield from job.steps()
    return Shown.of(results, job.of(result.model), with_file(job.source, result))
