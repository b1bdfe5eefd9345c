"""Labels under their image in one OME-Zarr folder, as NGFF 0.5 says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import zarr
from yaozarrs import v05
from yaozarrs.write.v05 import LabelsBuilder, write_image

from napari_unet.core.image.spacing import Spacing
from napari_unet.core.progress import Progress
from napari_unet.io.exchange.content import colour_of
from napari_unet.io.tiff import smallest_type
from napari_unet.storage.atomic import replacing_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content

_SMALL = 512
"""Pixels along Y and X below which a pyramid gets no coarser level."""
_CHUNK = 512
_UNITS = {"µm": "micrometer"}
_ORDER = "TCZYX"
"""The order of axes that NGFF wants."""


def ngff_steps(path: Path, content: Content) -> Steps[None]:
    """Write objects and classes as label pyramids, below the image where there is one.

    Parameters
    ----------
    path
        The folder to write; it is there whole or not at all.
    content
        The objects. With an image they lie in ``labels/instances``, and classes in
        ``labels/semantic``; without one the folder is a label image itself. Each object's class and
        its colour stand in ``image-label``.

    Yields
    ------
    Progress with the images done.

    Raises
    ------
    UserError
        If the folder cannot be written.
    """
    semantic = content.semantic
    classes = None if semantic is None else _classes_of(content, semantic)
    with replacing_folder(path) as temporary:
        yield Progress("writing OME-Zarr", 0, 3)
        if content.image is None:
            _write(temporary, content, "")
            return
        levels = _levels(content.image, f"C{content.axes}")
        about = v05.Image(multiscales=[_multiscale(content, f"C{content.axes}", len(levels))])
        write_image(temporary, about, levels, writer="zarr", chunks=_chunks(levels[0]))
        builder = LabelsBuilder(temporary / "labels", writer="zarr", chunks=_chunks(content.labels))
        for done, each in enumerate(filter(None, (content, classes)), 1):
            yield Progress("writing OME-Zarr", done, 3)
            _write(builder, each, "../../")


def _classes_of(content: Content, semantic: NDArray[Any]) -> Content:
    numbers = range(1, int(semantic.max(initial=0)) + 1)
    return replace(
        content,
        labels=semantic,
        role="semantic",
        classes={number: number for number in numbers},
        semantic=None,
    )


def _write(where: Path | LabelsBuilder, content: Content, source: str) -> None:
    """Write a label pyramid to a folder, or under an image."""
    labels = content.labels.astype(smallest_type(content.labels), copy=False)
    levels = _levels(labels, content.axes)
    multiscale = _multiscale(content, content.axes, len(levels))
    about = v05.LabelImage.model_validate({"multiscales": [multiscale], "image-label": {}})
    if isinstance(where, LabelsBuilder):
        folder = where.write_label(content.role, about, levels).root_path / content.role
    else:
        folder = write_image(where, about, levels, writer="zarr", chunks=_chunks(levels[0]))
    # yaozarrs' model of properties keeps nothing of them but their labels
    group = zarr.open_group(folder, mode="r+")
    about_all: dict[str, Any] = group.attrs.asdict()["ome"]  # type: ignore[assignment]
    about_all["image-label"] = _image_label(content) | (
        {"source": {"image": source}} if source else {}
    )
    group.attrs["ome"] = about_all


def _image_label(content: Content) -> dict[str, Any]:
    """Return the class and colour of each object; nothing where all are of one class."""
    if not content.classes:
        return {}
    numbers = sorted(content.classes)
    return {
        "colors": [
            {"label-value": number, "rgba": [*colour_of(content.class_of(number)), 255]}
            for number in numbers
        ],
        "properties": [
            {"label-value": number, "class": content.class_name(content.class_of(number))}
            for number in numbers
        ],
    }


def _multiscale(content: Content, axes: str, count: int) -> v05.Multiscale:
    """Describe a pyramid whose axes are in the order that NGFF wants."""
    letters = "".join(axes[axis] for axis in _order(axes))
    sizes = Spacing.along(content.axes, content.spacing)
    unit = _UNITS.get(content.unit)
    finest = sizes.filled(letters, 1.0)
    scales = [
        [
            size * (2**level if letter in "YX" else 1)
            for letter, size in zip(letters, finest, strict=True)
        ]
        for level in range(count)
    ]
    return v05.Multiscale.model_validate(
        {
            "name": content.name,
            "axes": [_axis(letter, unit if letter in sizes.sizes else None) for letter in letters],
            "datasets": [
                {
                    "path": str(level),
                    "coordinateTransformations": [{"type": "scale", "scale": scale}],
                }
                for level, scale in enumerate(scales)
            ],
        }
    )


def _order(axes: str) -> list[int]:
    return sorted(range(len(axes)), key=lambda axis: _ORDER.index(axes[axis]))


def _axis(letter: str, unit: str | None) -> dict[str, str]:
    kind = {"T": "time", "C": "channel"}.get(letter, "space")
    return {"name": letter.lower(), "type": kind, **({"unit": unit} if unit else {})}


def _levels(data: NDArray[Any], axes: str) -> list[NDArray[Any]]:
    """Return a pyramid in NGFF's order of axes, each of every second row and column."""
    levels = [data.transpose(_order(axes))]
    while max(levels[-1].shape[-2:]) > _SMALL:
        levels.append(levels[-1][..., ::2, ::2])
    return levels


def _chunks(data: NDArray[Any]) -> tuple[int, ...]:
    return (1,) * (data.ndim - 2) + (_CHUNK, _CHUNK)
