"""What the file of a layer says about it; only its header is read, once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from napari.components import ViewerModel
from napari.layers import Layer

from napari_unet.core.image.axes import LETTERS, SPATIAL
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.tiff.series import BROKEN, ENDINGS, images_in, pixels_of_ome
from napari_unet.io.zarr_folder import is_zarr_folder


@dataclass(frozen=True)
class FileFacts:
    """What a file says that its layer does not.

    Parameters
    ----------
    axes
        One letter of TZCYX per axis of the layer's array; None if not known.
    spacing
        Size of a pixel in µm by axis letter; empty if not known.
    step
        Seconds from one frame to the next; None if not known.
    """

    axes: str | None = None
    spacing: Spacing = Spacing()
    step: float | None = None


_READ: WeakKeyDictionary[Layer, Future[FileFacts]] = WeakKeyDictionary()
_REPLACED = WeakSet[Layer]()
_THREAD = ThreadPoolExecutor(1, "headers")


def facts_of(layer: Layer) -> FileFacts:
    """Return what the file of a layer says; nothing if it came from none, or has another shape.

    It waits where the header is still being read: ask for `read_header` before.
    """
    return read_header(layer).result()


def read_header(layer: Layer) -> Future[FileFacts]:
    """Begin to read the header of a layer's file, beside the window: disks may be slow."""
    if layer not in _READ:
        shape = (layer.data[0] if layer.multiscale else layer.data).shape
        if layer.source.path:
            _READ[layer] = _THREAD.submit(_facts, Path(layer.source.path), shape)
        else:
            _READ[layer] = Future()
            _READ[layer].set_result(FileFacts())
    return _READ[layer]


def watch_pixels(viewer: ViewerModel) -> None:
    """Notice from now on which layers get other pixels than those of their file."""
    for layer in viewer.layers:
        layer.events.data.connect(_replaced)
    viewer.layers.events.inserted.connect(_inserted)


def file_of(layers: Sequence[Layer]) -> str:
    """Return the file of all these layers' pixels; empty for none, or if some were replaced."""
    files = (layer.source.path for layer in layers if layer.source.path)
    return "" if any(layer in _REPLACED for layer in layers) else next(files, "")


def _inserted(event: Any) -> None:
    event.value.events.data.connect(_replaced)


def _replaced(event: Any) -> None:
    _REPLACED.add(event.source)


def _facts(path: Path, there: tuple[int, ...]) -> FileFacts:
    """Read a header; where it is damaged, the layer has its pixels all the same."""
    try:
        if path.suffix.lower() in ENDINGS and path.is_file():
            shape, facts = _of_tiff(path)
        elif is_zarr_folder(path):
            shape, facts = _of_zarr(path)
        else:
            return FileFacts()
    except BROKEN:
        return FileFacts()
    return _fitting(facts, shape, there)


def _of_tiff(path: Path) -> tuple[tuple[int, ...], FileFacts]:
    import tifffile  # noqa: PLC0415 - takes a moment

    from napari_unet.io.tiff.sizes import may_be_film, sizes_in, step_in  # noqa: PLC0415

    with tifffile.TiffFile(path) as file:
        series = images_in(file)[0]
        axes = series.axes.replace("S", "C")
        step = step_in(file, pixels_of_ome(file))
        guess = axes == SPATIAL[3] and may_be_film(file, axes)
        return series.shape, FileFacts(None if guess else axes, sizes_in(file).believed()[0], step)


def _of_zarr(path: Path) -> tuple[tuple[int, ...], FileFacts]:
    from napari_unet.io.ome_zarr import read_zarr  # noqa: PLC0415 - loads zarr's whole world

    picture = read_zarr(path)
    return picture.data.shape, FileFacts(picture.axes or "", picture.pixel, picture.step)


def _fitting(facts: FileFacts, shape: tuple[int, ...], there: tuple[int, ...]) -> FileFacts:
    """Return facts about a layer's array; a reader may have made a layer of each channel."""
    if facts.axes is None and shape == there:
        return facts
    axes = facts.axes or ""
    if set(axes) - set(LETTERS) or len(set(axes)) != len(axes) or len(axes) != len(shape):
        return FileFacts()
    if shape == there:
        return facts
    kept = [axis for axis, letter in enumerate(axes) if letter != "C"]
    if tuple(shape[axis] for axis in kept) == there:
        return replace(facts, axes="".join(axes[axis] for axis in kept))
    return FileFacts()
