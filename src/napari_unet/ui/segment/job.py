"""All that a worker needs to know to segment an image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.core.config import DecodeConfig
from napari_unet.core.progress import Steps
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.storage.model_header import AUTO, bundled_models, read_header
from napari_unet.ui.layers.source import Source
from napari_unet.ui.work import torch_library

if TYPE_CHECKING:
    from napari_unet.core.decoding.segmentation import Segmentation


@dataclass(frozen=True)
class SegmentJob:
    """An image, a model, and what was chosen in the form.

    Parameters
    ----------
    source
        The image.
    model
        The model's file, or `AUTO`.
    request
        How it is segmented.
    own
        How the model makes objects by itself.
    """

    source: Source
    model: str | Path
    request: SegmentRequest
    own: DecodeConfig = DecodeConfig()

    @property
    def decode(self) -> DecodeConfig:
        """How objects are made."""
        return self.request.decode or self.own

    def steps(self) -> Steps[Segmentation]:
        """Return the work; to be called in the worker, for it loads torch."""
        torch_library.load()
        from napari_unet.nn.prediction.segment import segment_steps  # noqa: PLC0415 - loads torch

        return segment_steps(self.source.image, self.model, self.request)

    def of(self, name: str) -> SegmentJob:
        """Return the same with the bundled model of a name in place of `AUTO`."""
        if self.model != AUTO:
            return self
        path = bundled_models()[name]
        return replace(self, model=path, own=DecodeConfig.from_dict(read_header(path)["decode"]))

    def ndim_of_objects(self, ndim: int) -> int:
        """Return along how many axes objects extend that a model of `ndim` axes has found."""
        return 3 if self.request.link.planes and "Z" in self.source.axes else ndim
