"""Labels under their image in one OME-Zarr folder, as NGFF 0.5 says."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import zarr
from yaozarrs import v05
from yaozarrs.write.v05 import prepare_image

from napari_unet.core.progress import Progress
from napari_unet.io.exchange.content import colour_of
from napari_unet.io.ome_zarr import UNITS
from napari_unet.io.tiff.write import smallest_type
from napari_unet.storage.atomic import replacing_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content

_SMALL = 512
"""Pixels along Y and X below which a pyramid gets no coarser level."""
_CHUNK = 512
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
    Progress after each chunk.

    Raises
    ------
    UserError
        If the folder cannot be written.
    """
    with replacing_folder(path) as temporary:
        if content.image is None:
            yield from _label_steps(temporary, content, {})
            return
        axes = f"C{content.axes}"
        levels = _levels(content.image, axes)
        about = v05.Image(multiscales=[_multiscale(content, axes, len(levels))])
        yield from _pyramid_steps(temporary, about, levels)
        semantic = content.semantic
        every = [content] if semantic is None else [content, _classes_of(content, semantic)]
        group = v05.LabelsGroup(labels=[each.role for each in every])
        about_group = {"ome": group.model_dump(mode="json", exclude_none=True)}
        zarr.create_group(temporary / "labels", attributes=about_group)
        for each in every:
            source = {"source": {"image": "../../"}}
            yield from _label_steps(temporary / "labels" / each.role, each, source)


def _classes_of(content: Content, semantic: NDArray[Any]) -> Content:
    numbers = range(1, int(semantic.max(initial=0)) + 1)
    return replace(
        content,
        labels=semantic,
        role="semantic",
        classes={number: number for number in numbers},
        semantic=None,
    )


def _label_steps(folder: Path, content: Content, source: dict[str, Any]) -> Steps[None]:
    """Write a label pyramid."""
    labels = content.labels.astype(smallest_type(content.labels), copy=False)
    levels = _levels(labels, content.axes)
    multiscale = _multiscale(content, content.axes, len(levels))
    about = v05.LabelImage.model_validate({"multiscales": [multiscale], "image-label": {}})
    yield from _pyramid_steps(folder, about, levels)
    # yaozarrs' model of properties keeps nothing of them but their labels
    group = zarr.open_group(folder, mode="r+")
    about_all: dict[str, Any] = group.attrs.asdict()["ome"]  # type: ignore[assignment]
    about_all["image-label"] = _image_label(content) | source
    group.attrs.update({"ome": about_all} | content.stated)


def _pyramid_steps(folder: Path, about: v05.Image, levels: list[NDArray[Any]]) -> Steps[None]:
    """Write the levels of an image, a chunk at a time.

    zarr writes many chunks at once, and goes on with the others when a disk is full.
    """
    chunks = (1,) * (levels[0].ndim - 2) + (_CHUNK, _CHUNK)
    specs = [(level.shape, level.dtype) for level in levels]
    _, arrays = prepare_image(folder, about, specs, writer="zarr", chunks=chunks)
    for array, level in zip(arrays.values(), levels, strict=True):
        starts = (range(0, size, step) for size, step in zip(level.shape, chunks, strict=True))
        for start in product(*starts):
            ends = zip(start, chunks, strict=True)
            block = tuple(slice(first, first + step) for first, step in ends)
            array[block] = level[block]
            yield Progress("writing OME-Zarr")


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
    sizes = content.grid
    known = [letter for letter in sizes.sizes if letter == "T" or content.unit == "µm"]
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
            "axes": [
                _axis(letter, UNITS[letter] if letter in known else None) for letter in letters
            ],
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
