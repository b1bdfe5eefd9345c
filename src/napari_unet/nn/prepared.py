"""What a training would be like; knows no torch, so that a window can hold it."""

from __future__ import annotations

from dataclasses import dataclass, field

from napari_unet.core.finding import Finding
from napari_unet.nn.run import RunConfig, Sample


@dataclass(frozen=True)
class Prepared:
    """What a training would be like.

    Parameters
    ----------
    findings
        What was found in the annotations.
    config
        The run's configuration; None where there cannot be a run.
    samples
        What is learnt from and validated on.
    """

    findings: tuple[Finding, ...]
    config: RunConfig | None = None
    samples: tuple[Sample, ...] = field(default=(), repr=False)
