"""A run: one training, in one folder that says everything about it and can be continued.

::

    RUN/run.json            the configuration
    RUN/samples/0000.npz    an image, its labels, its name, and whether it validates
    RUN/log.jsonl           every figure, a line per epoch
    RUN/last.checkpoint     what continuing needs
    RUN/best.safetensors    the model with the best validation
    RUN/last.safetensors    the model of the last epoch
    RUN/preview.npz         what the last epoch's model finds in one plane

What a training and its watchers tell each other stands in `napari_unet.core.control`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.atomic import replacing
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
from napari_unet.core.holdout import cut_in_two
from napari_unet.core.labels import check_labels, class_image
from napari_unet.core.size import Sizes, common_pixel, diameters
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
    ignored
        bool ``(*spatial)``, True where pixels take no part; None for nowhere.
    classes
        Number of an object to number of its class; objects that are not named have class 1.
    weight
        float32 ``(*spatial)``, a weight map to be used as it is; None to make it from the labels.
    pixel
        Size of a pixel in µm along each axis; None for unknown.
    """

    name: str
    image: NDArray[Any]
    labels: NDArray[Any]
    validation: bool = False
    ignored: NDArray[np.bool_] | None = None
    classes: Mapping[int, int] = field(default_factory=dict)
    weight: NDArray[np.float32] | None = None
    pixel: tuple[float, ...] | None = None

    def annotated(self, ignore: int | None) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the labels with ignored pixels set to 0, and where those are."""
        ignored = np.zeros(self.labels.shape, bool) if self.ignored is None else self.ignored
        if ignore is not None:
            ignored = ignored | (self.labels == ignore)
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
    pixel_size, object_size
        What the model file shall say about the size of pixels (µm per axis) and of objects
        (median diameter in px); measured when the run is made. Empty and 0 for unknown.
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
    pixel_size: tuple[float, ...] = ()
    object_size: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.semantic and self.model.height:
            raise UserError(
                "Class labels tell nothing of objects: a semantic run needs a model "
                "without height (height=False)."
            )

    @property
    def sizes(self) -> Sizes:
        """The size of the pixels and objects that are learnt from, as far as it is known."""
        return Sizes(self.pixel_size or None, self.object_size or None)

    @property
    def ignored_label(self) -> int | None:
        """The label of ignored pixels; None if there is none."""
        return IGNORE if self.semantic and self.ignore is None else self.ignore

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

    @property
    def preview(self) -> Path:
        """What the last epoch's model finds in one plane, see `write_preview`."""
        return self.folder / "preview.npz"

    def config(self) -> RunConfig:
        """Read the configuration.

        Raises
        ------
        UserError
            If the folder holds no run, or it is damaged or from a newer version.
        """
        path = self.folder / "run.json"
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UserError(
                f"{self.folder} is not a run: start one with --images and --labels."
            ) from error
        except ValueError as error:
            raise UserError(
                f"{self.folder} is not a run that can be read, its run.json is damaged: "
                "make the run again from its images."
            ) from error
        return RunConfig.from_dict(values)

    def write_config(self, config: RunConfig) -> None:
        """Write the configuration, in one step."""
        with replacing(self.folder / "run.json") as temporary:
            written = json.dumps(config.to_dict(), indent=2)
            temporary.write_text(written + "\n", encoding="utf-8")

    def samples(self) -> Iterator[Sample]:
        """Read the samples one by one."""
        for path in self._sample_files():
            yield _read_sample(path)

    def count(self) -> int:
        """Return the number of samples."""
        return len(self._sample_files())

    def _sample_files(self) -> list[Path]:
        return sorted((self.folder / "samples").glob("*.npz"))

    def records(self) -> list[dict[str, Any]]:
        """Read the log.

        Raises
        ------
        UserError
            If it is damaged.
        """
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").splitlines(keepends=True)
        # a line without an end was cut short when the training was killed
        try:
            return [json.loads(line) for line in lines if line.endswith("\n")]
        except ValueError as error:
            raise UserError(f"{self.log} is damaged: delete this file and continue.") from error


def create_run(folder: str | Path, samples: Iterable[Sample], config: RunConfig) -> Run:
    """Make a run folder; `train` then trains it.

    Parameters
    ----------
    folder
        A folder that does not exist yet, or is empty.
    samples
        Images with labels. Where none is marked for validation, a share of them is taken, or of
        a single one a part, see `hold_out`.
    config
        Everything else.

    Raises
    ------
    UserError
        If the folder is not empty, or a sample or the spacing does not fit the configuration.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(
            f"{folder} is not an empty folder: give another one, or continue the run in it."
        )
    config.targets.check_ndim(config.model.ndim)
    given = list(samples)
    for sample in given:
        _check_sample(sample, config)
    stated = _with_validation(given, config)
    if all(sample.validation for sample in stated):
        raise UserError("There is no image to learn from: add some that are not for validation.")
    (folder / "samples").mkdir(parents=True, exist_ok=True)
    for index, sample in enumerate(stated):
        _write_sample(sample, folder / "samples" / f"{index:04d}.npz")
    run = Run(folder)
    run.write_config(_measured(stated, config))
    return run


def _measured(samples: Sequence[Sample], config: RunConfig) -> RunConfig:
    """Write down how large the pixels and objects are that are learnt from."""
    learnt = [sample for sample in samples if not sample.validation]
    pixel = common_pixel([sample.pixel for sample in learnt])
    if config.semantic:
        return config.replace(pixel_size=pixel or (), object_size=0.0)
    found = [diameters(sample.annotated(config.ignored_label)[0]) for sample in learnt]
    median = round(float(np.median(np.concatenate(found))), 2) if any(map(len, found)) else 0.0
    return config.replace(pixel_size=pixel or (), object_size=median)


def _with_validation(samples: Sequence[Sample], config: RunConfig) -> list[Sample]:
    """Mark a share of the samples for validation, unless some already are."""
    share = config.train.validation
    if any(sample.validation for sample in samples) or not share:
        return list(samples)
    if len(samples) == 1:
        return hold_out(samples[0], config)
    count = min(max(1, round(share * len(samples))), len(samples) - 1)
    order = np.random.default_rng(config.train.seed).permutation(len(samples))
    kept = set(order[:count].tolist())
    return [replace(sample, validation=index in kept) for index, sample in enumerate(samples)]


def hold_out(sample: Sample, config: RunConfig) -> list[Sample]:
    """Cut a sample in two, one part to learn from and one to validate on.

    Returns
    -------
    The same image twice, with the other part ignored in each; or the sample alone where a part
    would be left with fewer than two whole objects, or without one of the classes.
    """
    labels, ignored = sample.annotated(config.ignored_label)
    parts = cut_in_two(labels, ignored, semantic=config.semantic)
    if parts is None:
        return [sample]
    name = f"{sample.name}, held out"
    return [
        replace(sample, ignored=parts[0]),
        replace(sample, name=name, ignored=parts[1], validation=True),
    ]


def _write_sample(sample: Sample, path: Path) -> None:
    pairs = np.array(sorted(sample.classes.items()), dtype=np.int64).reshape(-1, 2)
    parts: dict[str, Any] = {
        "ignored": sample.ignored,
        "weight": sample.weight,
        "pixel": sample.pixel,
    }
    np.savez_compressed(
        path,
        name=np.array(sample.name),
        image=sample.image,
        labels=sample.labels,
        validation=np.array(sample.validation),
        classes=pairs,
        **{name: part for name, part in parts.items() if part is not None},
    )


def _read_sample(path: Path) -> Sample:
    try:
        with path.open("rb") as file, np.load(file) as stored:
            return Sample(
                str(stored["name"]),
                stored["image"],
                stored["labels"],
                bool(stored["validation"]),
                stored.get("ignored"),
                dict(stored.get("classes", np.empty((0, 2))).tolist()),
                stored.get("weight"),
                tuple(stored["pixel"].tolist()) if "pixel" in stored else None,
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise UserError(f"{path} is damaged: make the run again from its images.") from error


def _check_sample(sample: Sample, config: RunConfig) -> None:
    model = config.model
    if sample.image.shape[0] != model.in_channels or sample.image.ndim != model.ndim + 1:
        raise UserError(
            f"{sample.name} has {sample.image.shape[0]} channels and {sample.image.ndim - 1} "
            f"spatial axes, but the model takes {model.in_channels} and {model.ndim}."
        )
    parts = {"labels": sample.labels, "ignored pixels": sample.ignored}
    for name, part in (parts | {"weight map": sample.weight}).items():
        if part is not None and sample.image.shape[1:] != part.shape:
            raise UserError(
                f"{sample.name}: the image is {sample.image.shape[1:]} pixels and its {name} "
                f"{part.shape}; they must be the same."
            )
    try:
        _check_values(sample, config)
    except UserError as error:
        raise UserError(f"{sample.name}: {error}") from error


def _check_values(sample: Sample, config: RunConfig) -> None:
    check_image(sample.image)
    labels, ignored = sample.annotated(config.ignored_label)
    if config.semantic:
        semantic_target(labels, config.model.num_classes)
    else:
        check_labels(labels)
        class_image(labels, sample.classes, config.model.num_classes)
    if ignored.all() and not sample.validation:
        raise UserError("Nothing is annotated: every pixel is ignored.")
