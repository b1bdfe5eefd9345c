"""A run: one training, in one folder that says everything about it and can be continued.

::

    RUN/run.json            the configuration
    RUN/samples/0000.npz    an image, its labels, its name, and whether it validates
    RUN/log.jsonl           every figure, a line per epoch
    RUN/last.checkpoint     what continuing needs
    RUN/best.safetensors    the model with the best validation
    RUN/last.safetensors    the model of the last epoch
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.check import check_image
from napari_unet.core.config import (
    IGNORE,
    PRESETS,
    Config,
    DecodeConfig,
    ModelConfig,
    NormalizeConfig,
    TargetConfig,
    TrainConfig,
)
from napari_unet.core.errors import UserError
from napari_unet.core.labels import check_labels
from napari_unet.core.targets import semantic_target


@dataclass(frozen=True)
class Sample:
    """An image and its labels, to learn from or to validate on.

    Parameters
    ----------
    name
        What it is called in reports.
    image
        ``(C, *spatial)``, any real dtype.
    labels
        Integers ``(*spatial)``: instances, or class numbers in a semantic run.
    validation
        Whether it is kept for validation.
    """

    name: str
    image: NDArray[Any]
    labels: NDArray[Any]
    validation: bool = False

    def annotated(self, ignore: int | None) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the labels with ignored pixels set to 0, and where those are."""
        if ignore is None:
            return self.labels, np.zeros(self.labels.shape, dtype=bool)
        ignored = self.labels == ignore
        return np.where(ignored, 0, self.labels).astype(self.labels.dtype), ignored


_PARTS: dict[str, type[Config]] = {
    "model": ModelConfig,
    "targets": TargetConfig,
    "train": TrainConfig,
    "normalize": NormalizeConfig,
    "decode": DecodeConfig,
}


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
    """

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

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.semantic and self.model.height:
            raise UserError(
                "Class labels tell nothing of objects: a semantic run needs a model "
                "without height (height=False)."
            )
        if not self.semantic and len(self.model.classes) > 1:
            raise UserError(
                "Instance labels tell of one class only: name one class, or train on class labels."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the values, ready for JSON."""
        return super().to_dict() | {part: getattr(self, part).to_dict() for part in _PARTS}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make a configuration from `to_dict`'s result."""
        if not isinstance(values, Mapping):
            return super().from_dict(values)
        parts = {
            part: config.from_dict(values[part])
            for part, config in _PARTS.items()
            if part in values
        }
        return super().from_dict({**values, **parts})


@dataclass(frozen=True)
class Run:
    """The paths in a run folder, and what stands in them."""

    folder: Path

    @property
    def best(self) -> Path:
        """The model with the best validation."""
        return self.folder / "best.safetensors"

    @property
    def last(self) -> Path:
        """The model of the last epoch."""
        return self.folder / "last.safetensors"

    @property
    def checkpoint(self) -> Path:
        """What continuing needs."""
        return self.folder / "last.checkpoint"

    @property
    def log(self) -> Path:
        """Every figure, a JSON object per line."""
        return self.folder / "log.jsonl"

    def config(self) -> RunConfig:
        """Read the configuration.

        Raises
        ------
        UserError
            If the folder holds no run.
        """
        path = self.folder / "run.json"
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(
                f"{self.folder} is not a run: start one with --images and --labels."
            ) from error
        return RunConfig.from_dict(values)

    def samples(self) -> Iterator[Sample]:
        """Read the samples one by one."""
        for path in sorted((self.folder / "samples").glob("*.npz")):
            yield _read_sample(path)

    def records(self) -> list[dict[str, Any]]:
        """Read the log."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").splitlines(keepends=True)
        # a line without an end was cut short when the training was killed
        return [json.loads(line) for line in lines if line.endswith("\n")]


def create_run(folder: str | Path, samples: Iterable[Sample], config: RunConfig) -> Run:
    """Make a run folder; `train` then trains it.

    Parameters
    ----------
    folder
        A folder that does not exist yet, or is empty.
    samples
        Images with labels. Where none is marked for validation, a share of them is taken.
    config
        Everything else.

    Raises
    ------
    UserError
        If the folder is not empty, or a sample does not fit the configuration.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(
            f"{folder} is not an empty folder: give another one, or continue the run in it."
        )
    stated = _with_validation(list(samples), config.train)
    if all(sample.validation for sample in stated):
        raise UserError("There is no image to learn from: add some that are not for validation.")
    for sample in stated:
        _check_sample(sample, config)
    (folder / "samples").mkdir(parents=True, exist_ok=True)
    for index, sample in enumerate(stated):
        np.savez_compressed(
            folder / "samples" / f"{index:04d}.npz",
            name=np.array(sample.name),
            image=sample.image,
            labels=sample.labels,
            validation=np.array(sample.validation),
        )
    written = json.dumps(config.to_dict(), indent=2)
    (folder / "run.json").write_text(written + "\n", encoding="utf-8")
    return Run(folder)


def _with_validation(samples: Sequence[Sample], config: TrainConfig) -> list[Sample]:
    """Mark a share of the samples for validation, unless some already are."""
    if any(sample.validation for sample in samples) or len(samples) < 2:
        return list(samples)
    wanted = max(1, round(config.validation * len(samples))) if config.validation else 0
    count = min(wanted, len(samples) - 1)
    order = np.random.default_rng(config.seed).permutation(len(samples))
    kept = set(order[:count].tolist())
    return [replace(sample, validation=index in kept) for index, sample in enumerate(samples)]


def _read_sample(path: Path) -> Sample:
    try:
        with path.open("rb") as file, np.load(file) as stored:
            return Sample(
                str(stored["name"]),
                stored["image"],
                stored["labels"],
                bool(stored["validation"]),
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise UserError(f"{path} is damaged: make the run again from its images.") from error


def _check_sample(sample: Sample, config: RunConfig) -> None:
    try:
        _check_values(sample, config)
    except UserError as error:
        raise UserError(f"{sample.name}: {error}") from error
    model = config.model
    if sample.image.shape[0] != model.in_channels or sample.image.ndim != model.ndim + 1:
        raise UserError(
            f"{sample.name} has {sample.image.shape[0]} channels and {sample.image.ndim - 1} "
            f"spatial axes, but the model takes {model.in_channels} and {model.ndim}."
        )
    if sample.image.shape[1:] != sample.labels.shape:
        raise UserError(
            f"{sample.name}: the image is {sample.image.shape[1:]} pixels and its labels "
            f"{sample.labels.shape}; they must be the same."
        )


def _check_values(sample: Sample, config: RunConfig) -> None:
    check_image(sample.image)
    default = IGNORE if config.semantic else None
    labels, ignored = sample.annotated(default if config.ignore is None else config.ignore)
    if config.semantic:
        semantic_target(labels, config.model.num_classes)
    else:
        check_labels(labels)
    if ignored.all() and not sample.validation:
        raise UserError("Nothing is annotated: every pixel is ignored.")
