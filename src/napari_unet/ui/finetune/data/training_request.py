"""What the *Fine-tune* widget is to train, checked and written to a run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.config import ModelConfig, TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.instances.masks import AS_CLASSES
from napari_unet.core.review.depth import depth_finding, usual_ndim
from napari_unet.core.review.finding import LEVELS, Finding
from napari_unet.core.train_config import PLANNED, TrainConfig
from napari_unet.runs.config import AUTOMATIC, RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.prepared import Prepared
from napari_unet.runs.sample import Sample
from napari_unet.storage.folders import runs_folder
from napari_unet.storage.model_header import lasting_name
from napari_unet.storage.names import file_name
from napari_unet.ui.work import torch_library
from napari_unet.ui.work.errors import LEARN_CLASSES, told


@dataclass(frozen=True)
class TrainingRequest:
    """A training as the user wants it; nothing in here is shared with a layer.

    Parameters
    ----------
    images, folders
        What is learnt from.
    header
        What the model to start from says about itself.
    start
        Its file; None to start from scratch, or automatically.
    automatic
        Whether the start is chosen by itself.
    length
        ``"minutes"`` or ``"epochs"``, and how many.
    ndim
        Spatial axes of a network from scratch; None for those that suit the objects.
    device
        Where it is trained, unless `train` says so.
    train, targets
        The user's choice; None to choose from the data.
    notes
        What was found wrong with the layers themselves.
    """

    images: tuple[AnnotatedImage, ...]
    folders: tuple[Path, ...]
    header: Mapping[str, Any]
    start: Path | None
    length: tuple[str, int] = ("minutes", 5)
    ndim: int | None = None
    device: str = "auto"
    train: TrainConfig | None = None
    targets: TargetConfig | None = None
    notes: tuple[Finding, ...] = ()
    automatic: bool = False

    @property
    def settled(self) -> tuple[str, ...]:
        """What is not chosen from the data, as the user has changed something in the form."""
        return PLANNED if self.train else ()

    def base(self, name: str) -> RunConfig:
        """Return what is settled of the training of a model, before the data are looked at."""
        model = ModelConfig.from_dict(self.header["config"])
        start = lasting_name(self.start) if self.start else None
        return RunConfig(
            model=model if self.start else model.replace(ndim=self.ndim or 2),
            targets=self.targets or TargetConfig(),
            train=_with_length(self.train or TrainConfig(device=self.device), self.length),
            start_from=AUTOMATIC if self.automatic else start,
            name=name,
        )


def check(request: TrainingRequest) -> Prepared:
    """Look at what would be learnt from, and choose how; for a worker, as it loads torch.

    What cannot be learnt from is a finding, too.
    """
    try:
        checked = _checked(request)
    except UserError as error:
        return Prepared((Finding("error", told(error)),))
    findings = sorted(
        (*map(_with_way_out, checked.findings), *request.notes),
        key=lambda each: LEVELS.index(each.level),
    )
    return replace(checked, findings=tuple(findings))


def _checked(request: TrainingRequest) -> Prepared:
    torch_library.load()
    from napari_unet.io.annotations.read import annotations_and_notes  # noqa: PLC0415 - loads all readers
    from napari_unet.nn.training.prepare import prepare  # noqa: PLC0415 - loads torch

    images = [replace(each, annotation=each.annotation.loaded()) for each in request.images]
    read = [annotations_and_notes(folder) for folder in request.folders]
    images += [each for found, _ in read for each in found]
    notes = [Finding("warning", note) for _, told in read for note in told]
    if request.ndim is None and request.start is None:
        request = replace(request, ndim=usual_ndim(images))
        notes += [depth_finding(images)] if request.ndim == 3 else []
    ready = prepare(images, request.base(images[0].name), settled=request.settled)
    return replace(ready, findings=(*ready.findings, *notes))


def write_run(config: RunConfig, samples: Sequence[Sample]) -> Path:
    """Make a run folder for what was prepared; for a worker, as it compresses the images.

    Raises
    ------
    UserError
        If it cannot be written.
    """
    name = file_name(config.name, "training")
    folder = runs_folder() / f"{datetime.now():%Y-%m-%d %H.%M.%S.%f} {name}"
    create_run(folder, samples, config)
    return folder


def _with_way_out(finding: Finding) -> Finding:
    """Say of labels that may be taken for classes how that is done, which the window does not."""
    return replace(finding, advice=LEARN_CLASSES) if finding.text.endswith(AS_CLASSES) else finding


def _with_length(config: TrainConfig, length: tuple[str, int]) -> TrainConfig:
    unit, count = length
    if unit == "minutes":
        return config.replace(minutes=float(count))
    return config.replace(minutes=0.0, epochs=count)
