"""A training that has been looked at and planned, before there is a folder for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from napari_unet.core.errors import UserError
from napari_unet.core.review.finding import Finding
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample


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

    def settled(self) -> RunConfig:
        """Return the configuration.

        Raises
        ------
        UserError
            If there cannot be a run; what is wrong with one image explains what is wrong with all.
        """
        wrong = [each for each in self.findings if each.level == "error"]
        if self.config is None or wrong:
            raise UserError(min(wrong, key=lambda each: not each.name).in_words())
        return self.config
