"""An image and its labels, as a run folder keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.errors import UserError
from napari_unet.storage.npz import BROKEN, opened


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
    origin
        Name of the image that it was cut from, and which of its planes or volumes it is, counted
        from 0 in the order of the axes; None for unknown.
    """

    name: str
    image: NDArray[Any]
    labels: NDArray[Any]
    validation: bool = False
    ignored: NDArray[np.bool_] | None = None
    classes: Mapping[int, int] = field(default_factory=dict)
    weight: NDArray[np.float32] | None = None
    pixel: tuple[float, ...] | None = None
    origin: tuple[str, int] | None = None

    def annotated(self, ignore: int | None) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the labels with ignored pixels set to 0, and where those are."""
        ignored = np.zeros(self.labels.shape, bool) if self.ignored is None else self.ignored
        if ignore is not None:
            ignored = ignored | (self.labels == ignore)
        return np.where(ignored, 0, self.labels).astype(self.labels.dtype), ignored


def write_sample(sample: Sample, path: Path) -> None:
    """Write a sample to an ``.npz`` file."""
    pairs = np.array(sorted(sample.classes.items()), dtype=np.int64).reshape(-1, 2)
    parts: dict[str, Any] = {
        "ignored": sample.ignored,
        "weight": sample.weight,
        "pixel": sample.pixel,
    }
    if sample.origin is not None:
        parts |= {"origin": sample.origin[0], "plane": sample.origin[1]}
    np.savez_compressed(
        path,
        name=np.array(sample.name),
        image=sample.image,
        labels=sample.labels,
        validation=np.array(sample.validation),
        classes=pairs,
        **{name: part for name, part in parts.items() if part is not None},
    )


def read_sample(path: Path) -> Sample:
    """Read a sample.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    with _read(path) as stored:
        return Sample(
            str(stored["name"]),
            stored["image"],
            stored["labels"],
            bool(stored["validation"]),
            stored.get("ignored"),
            dict(stored.get("classes", np.empty((0, 2))).tolist()),
            stored.get("weight"),
            tuple(stored["pixel"].tolist()) if "pixel" in stored else None,
            (str(stored["origin"]), int(stored["plane"])) if "origin" in stored else None,
        )


def read_name(path: Path) -> tuple[str, bool]:
    """Read a sample's name and whether it is kept for validation, without unpacking its pixels.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    with _read(path) as stored:
        return str(stored["name"]), bool(stored["validation"])


@contextmanager
def _read(path: Path) -> Iterator[Mapping[str, NDArray[Any]]]:
    """Open a sample's file; say what to do if it is damaged."""
    try:
        with opened(path) as stored:
            yield stored
    except BROKEN as error:
        raise UserError(f"{path} is damaged: make the run again from its images.") from error
