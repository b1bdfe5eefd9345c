"""Everything about a training but its images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from napari_unet.core.config import (
    PRESETS,
    DecodeConfig,
    ModelConfig,
    NormalizeConfig,
    TargetConfig,
    ignored_label,
)
from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.option import Config
from napari_unet.core.train_config import TrainConfig

AUTOMATIC = "automatic"
"""As the model to start from: what is best, of the bundled models or a network from scratch."""


@dataclass(frozen=True)
class RunConfig(Config):
    """Everything about a training but its images.

    Parameters
    ----------
    semantic
        Whether labels are class numbers rather than instances.
    ignore
        The label of ignored pixels; None for 255 in a semantic run and for none otherwise.
    start_from
        Name or path of the model to start from; None to start from scratch.
    name
        Name of the model that comes out.
    about
        What the model file shall say about data, licence and authors.
    pixel_size, object_size
        What the model file shall say about the size of pixels (µm per axis) and of objects
        (median diameter in px), as the network sees them; measured when the run is made. Empty
        and 0 for unknown.
    object_spread
        From which to which diameter the median objects of single images go, as the network sees
        them; measured when the run is made. Empty for unknown.
    working
        The working size: pixels that the network sees per pixel of a sample, per axis; empty for
        the samples' own size. See `working_size`.
    paced
        Whether epochs and steps were chosen to fill the minutes, which are then kept on the clock.
    others
        Other ways to begin, each a whole configuration, of which and of this one a short race at
        the start of the training picks one; empty where the start is settled.
    why
        A sentence that says why the start was chosen; empty where there was nothing to choose.
    """

    PARTS: ClassVar = {
        "model": ModelConfig,
        "targets": TargetConfig,
        "train": TrainConfig,
        "normalize": NormalizeConfig,
        "decode": DecodeConfig,
    }

    model: ModelConfig = PRESETS["compact"]
    targets: TargetConfig = TargetConfig()
    train: TrainConfig = TrainConfig()
    normalize: NormalizeConfig = NormalizeConfig()
    decode: DecodeConfig = DecodeConfig()
    semantic: bool = False
    ignore: int | None = None
    start_from: str | None = None
    name: str = "model"
    about: Mapping[str, Any] | None = None
    pixel_size: tuple[float, ...] = ()
    object_size: float = 0.0
    object_spread: tuple[float, ...] = ()
    working: tuple[float, ...] = ()
    paced: bool = False
    others: tuple[RunConfig, ...] = ()
    why: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.working and not (len(self.working) == self.model.ndim and min(self.working) > 0):
            raise UserError(f"working must be a number above 0 for each axis, not {self.working}.")
        if len(self.object_spread) not in (0, 2):
            raise UserError(f"object_spread must be two numbers, not {self.object_spread}.")
        if self.semantic and self.model.height:
            raise UserError(
                "Class labels tell nothing of objects: a semantic run needs a model "
                "without height (height=False)."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the values and the format number, ready for JSON."""
        return {**super().to_dict(), "others": [each.to_dict() for each in self.others]}

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        if name == "others" and isinstance(value, Sequence):
            return tuple(map(cls.from_dict, value))
        return super()._read(name, value)

    @property
    def starts(self) -> tuple[RunConfig, ...]:
        """All ways to begin that there are still to choose from, this one first."""
        return (self.replace(others=()), *self.others)

    @property
    def sizes(self) -> Sizes:
        """The size of the pixels and objects that are learnt from, as far as it is known."""
        low_high = self.object_spread
        return Sizes(
            self.pixel_size or None,
            self.object_size or None,
            self.working or None,
            (low_high[0], low_high[1]) if low_high else None,
            self.seen_targets.spacing or None,
        )

    @property
    def seen_targets(self) -> TargetConfig:
        """How targets are made at the working size: pixels have another shape there."""
        spacing = self.targets.spacing
        if not (self.working and spacing):
            return self.targets
        sides = np.divide(spacing, self.working)
        return self.targets.replace(spacing=tuple((sides * min(spacing) / sides.min()).tolist()))

    @property
    def ignored_label(self) -> int | None:
        """The label of ignored pixels; None if there is none."""
        return ignored_label(self.semantic, self.ignore)
