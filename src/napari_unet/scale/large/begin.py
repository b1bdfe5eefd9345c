"""How a job on a large image begins: what is asked for, how it is cut up, what it will take."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr

from napari_unet.core.decoding.advice import Advice
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL, guess_axes
from napari_unet.core.image.grid import Grid
from napari_unet.core.image.planes import Planes
from napari_unet.core.image.sampled import sample_windows
from napari_unet.core.instances.link import check_link, note_on_guess, settled
from napari_unet.nn.device import choose_device
from napari_unet.nn.prediction.best_model import chosen_steps
from napari_unet.nn.prediction.fit import quick_fit
from napari_unet.nn.prediction.match_size import matched_steps
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.scale.large.block_layout import lay_out
from napari_unet.scale.large.context import JobContext
from napari_unet.scale.large.folder import RESULT_BYTES, SCRATCH_BYTES
from napari_unet.scale.large.recognise import digest_of
from napari_unet.storage.disk import free_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from napari_unet.core.progress import Steps
    from napari_unet.core.segment_request import SegmentRequest
    from napari_unet.io.picture import Picture
    from napari_unet.nn.model import Model
    from napari_unet.nn.prediction.best_model import Chosen
    from napari_unet.scale.large.folder import LargeJob


_GLANCE = 64
"""Edge of the windows by which earlier versions have recognised an image."""
_SURELY = 0.5
"""Share of that below which there is no use in beginning."""


@dataclass(frozen=True)
class Estimate:
    """What a job will take.

    Parameters
    ----------
    blocks
        Number of blocks, of all planes together.
    pixels
        Number of pixels.
    scratch, results
        Bytes on disk, while the work goes on and of the labels.
    """

    blocks: int
    pixels: int
    scratch: int
    results: int


def estimate(
    picture: Picture, model: Model, request: SegmentRequest, block: tuple[int, ...] = ()
) -> Estimate:
    """Return what the job on an image will take, without reading its pixels.

    Parameters
    ----------
    picture, model, request, block
        As for `napari_unet.scale.large.segment.segment_large_steps`.

    Raises
    ------
    UserError
        If the axes or channels do not fit the model.
    """
    planes = _planes(described(picture, model, request), model, request)
    blocks = lay_out(planes.spatial, _strides(model), block).grid
    pixels = len(planes) * int(np.prod(planes.spatial, dtype=np.int64))
    return Estimate(
        len(planes) * len(blocks), pixels, int(pixels * SCRATCH_BYTES), int(pixels * RESULT_BYTES)
    )


def checked_steps(
    out: Path, picture: Picture, model: Model, request: SegmentRequest, client: Any = None
) -> Steps[None]:
    """Refuse what `begun_steps` would refuse of a new job, without a trace of one.

    Parameters
    ----------
    out
        Folder of the results.
    picture, model, request, client
        As for `napari_unet.scale.large.segment.segment_large_steps`.

    Yields
    ------
    Progress, if the size of the objects is estimated.

    Raises
    ------
    UserError
        If the image and the model do not fit together, other processes cannot read the image, or
        the disk is surely too small.
    """
    check_shared(picture, client)
    _check_disk(out, estimate(picture, model, request))
    told = described(picture, model, request)
    yield from _chosen(told, _planes(told, model, request), model, request, (), 1)


def check_shared(picture: Picture, client: Any) -> None:
    """Refuse an image that the workers of a client cannot read."""
    if client is not None and place_of(picture.data) is None:
        raise UserError("Several processes can only share an image that is a zarr folder.")


def begun_steps(
    job: LargeJob,
    picture: Picture,
    model: Model,
    request: SegmentRequest,
    block: tuple[int, ...] = (),
    workers: int = 1,
) -> Steps[JobContext]:
    """Begin a job or take it up again.

    Parameters
    ----------
    job
        Where it is noted down.
    picture, model, request, block
        What is asked for.
    workers
        How many processes share the memory.

    Yields
    ------
    Progress, if the size of the objects is estimated.

    Raises
    ------
    UserError
        If the folder holds another job, or the image and the model do not fit together, or the
        disk is surely too small.
    """
    told = described(picture, model, request)
    planes = _planes(told, model, request)
    asked = _asked(told, planes, model, request)
    asked["image"]["axes"] = told.axes if request.axes or picture.axes else None
    notes = job.read()
    if notes and "pixels" not in notes["asked"]["image"]:  # earlier versions looked at less
        del asked["image"]["pixels"]
    chosen = (
        notes["chosen"]
        if notes
        else (yield from _chosen(told, planes, model, request, block, workers))
    )
    if notes is None:
        _check_disk(job.out, estimate(picture, model, request, block))
    notes = job.begin(asked, chosen)
    return JobContext.at(job, notes, picture.data, model)


def described(picture: Picture, model: Model, request: SegmentRequest) -> Picture:
    """Return a picture with its axes known, as it is asked for, as it says, or by a guess."""
    axes, config = request.axes or picture.axes, model.config
    return picture.asked(
        request, axes or guess_axes(picture.data.shape, config.ndim, config.in_channels)
    )


def chosen_in_steps(
    picture: Picture, model: str | Path | Model, request: SegmentRequest
) -> Steps[Chosen]:
    """Return a model that is ready to be used, chosen if it has to be, and the channels for it.

    Colours are looked at as colours wherever the file has them.

    Parameters
    ----------
    picture, request
        What is asked for.
    model
        As for `napari_unet.segment`.

    Yields
    ------
    Progress while models are looked at.

    Raises
    ------
    UserError
        If there is no such model, or none takes the image.
    """
    asked, seen = picture.request(request), picture.colours_last()
    if seen is picture or (request.axes or picture.axes) != picture.axes:
        return (yield from chosen_steps(picture.data, model, asked))
    looked = seen.request(request.replace(axes=None))
    chosen = yield from chosen_steps(seen.data, model, looked)
    taken, axes = chosen.model.config.in_channels, seen.axes or ""
    lone = chosen.request.lone_channel(seen.data, axes, taken)
    channels = (lone.number,) if lone else chosen.request.channels
    told = lone.told if lone else chosen.told
    return replace(chosen, request=asked.replace(channels=channels), told=told)


def guess_in(picture: Picture, model: Model, request: SegmentRequest) -> str:
    """Return a sentence where objects rest on axes that neither request nor file says, or none."""
    if request.axes or picture.axes:
        return ""
    axes = described(picture, model, request).axes or ""
    return note_on_guess(axes, picture.data.shape, model.config.ndim, request.link)


def _planes(picture: Picture, model: Model, request: SegmentRequest) -> Planes:
    axes = picture.axes or ""
    check_link(axes, model.config.ndim, request.link)
    return request.replace(axes=axes, spacing=()).arranged(picture.data, model.config)[1]


def _strides(model: Model) -> tuple[int, ...]:
    return tuple(axis.stride for axis in model.network.geometry)


def _asked(
    picture: Picture, planes: Planes, model: Model, request: SegmentRequest
) -> dict[str, Any]:
    """Return all that the labels depend on, as JSON has it."""
    spacing = picture.pixel.listed(picture.axes or "")
    asked = {
        "image": {
            "place": place_of(picture.data),
            "shape": picture.data.shape,
            "dtype": np.dtype(picture.data.dtype).str,
            "axes": picture.axes,
            "glance": _glance(planes),
            "pixels": digest_of(planes),
        },
        "model": {"name": model.name, "digest": _digest(model)},
        "channels": planes.chosen,
        "precision": request.tiles.precision,
        "views": request.tiles.views,
        "decode": (request.decode or model.decode).to_dict(),
        "size": request.size.to_dict(),
        "link": settled(request.link, planes.axes, planes.lead).to_dict(),
        "spacing": spacing or None if request.size.match != "off" else None,
    }
    if request.grey.invert:  # not noted by earlier versions, whose jobs go on
        asked["grey"] = request.grey.to_dict()
    known: dict[str, Any] = json.loads(json.dumps(asked))
    return known


def place_of(image: Any) -> str | None:
    """Return where other processes find an image; None for one that is not in a zarr store."""
    place = str(image.store_path) if isinstance(image, zarr.Array) else ""
    return place if "://" in place and not place.startswith("memory:") else None


def _glance(planes: Planes) -> str:
    """Return a digest of a few windows, which jobs of earlier versions have noted alone."""
    digest = hashlib.sha256()
    windows = sample_windows(planes.spatial)
    for index in {0, len(planes) - 1}:
        for window in (windows[0], windows[len(windows) // 2]):
            small = tuple((start, min(stop, start + _GLANCE)) for start, stop in window)
            digest.update(np.ascontiguousarray(planes.window(index, small)).tobytes())
    return digest.hexdigest()


def _digest(model: Model) -> str:
    about = [model.config.to_dict(), model.normalize.to_dict()]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name, values in sorted(model.network.state_dict().items()):
        digest.update(name.encode())
        digest.update(values.numpy().tobytes())
    return digest.hexdigest()


def _chosen(
    picture: Picture,
    planes: Planes,
    model: Model,
    request: SegmentRequest,
    block: tuple[int, ...],
    workers: int,
) -> Steps[dict[str, Any]]:
    """Choose how the work is cut up."""
    pixel, tiles = picture.pixel.of(SPATIAL[model.config.ndim]), request.tiles
    matched = yield from matched_steps(planes, model, request.size, pixel, tiles)
    fit = quick_fit(matched.planes, model, tiles)
    seen = matched.planes
    doubts = planes.told, fit.told, model.network.seams(seen.spatial)
    layout = lay_out(planes.spatial, _strides(model), block)
    device = choose_device(tiles.device)
    predictor = Predictor(model.network, device, tiles)
    predictor.check_size(seen, model.name)
    blocks = Grid(seen.spatial, layout.grid.edges)
    needed = predictor.bytes_needed(blocks.region(len(blocks) // 2), seen.spatial)
    memory = tiles.memory * 1e9 or min(needed, device.free_memory() / 2 / workers)
    return {
        "block": layout.grid.edges,
        "levels": layout.levels,
        "size": seen.spatial,
        "match": asdict(matched.match),
        "doubt": " ".join(filter(None, doubts)),
        "advice": asdict(Advice.on(fit, exchanged=request.grey.invert)),
        "tiles": tiles.replace(memory=memory / 1e9).to_dict(),
    }


def _check_disk(out: Path, needed: Estimate) -> None:
    free = free_bytes(out)
    least = _SURELY * (needed.scratch + needed.results)
    if free < least:
        raise UserError(
            f"The disk of {out} has {free / 1e9:.1f} GB free, but the work will take at least "
            f"{least / 1e9:.1f} GB: make room, or give a folder on another disk."
        )
