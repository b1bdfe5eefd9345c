"""From an image to instance and semantic labels: the one path of viewer, shell and Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_unet.core.axes import arrange
from napari_unet.core.config import DecodeConfig, TileConfig
from napari_unet.core.progress import Progress, Steps, drive
from napari_unet.core.segmentation import Segmentation
from napari_unet.nn.model import Model, load_model
from napari_unet.nn.predict import predict_steps


def segment_steps(
    image: Any,
    model: str | Path | Model = "nuclei",
    *,
    axes: str | None = None,
    tiles: TileConfig | None = None,
    decode: DecodeConfig | None = None,
) -> Steps[Segmentation]:
    """Segment an image step by step; `segment` without the steps.

    Yields
    ------
    Progress with the tiles done; its values say which device is used and why.
    """
    if not isinstance(model, Model):
        model = load_model(model)
    planes = arrange(image, axes, model.config.ndim, model.config.in_channels)
    output = yield from predict_steps(planes, model, tiles or TileConfig())
    yield Progress("finding objects")
    return Segmentation.from_output(
        output.probabilities, output.height, model.config.ndim, decode or model.decode
    )


def segment(
    image: Any,
    model: str | Path | Model = "nuclei",
    *,
    axes: str | None = None,
    tiles: TileConfig | None = None,
    decode: DecodeConfig | None = None,
) -> Segmentation:
    """Segment an image into instances and classes.

    Parameters
    ----------
    image
        numpy, dask or zarr array, any real dtype: a picture, a stack, with or without channels.
    model
        Name of a bundled model, path of a model file, or a loaded `Model`.
    axes
        One of the letters T, Z, C, Y and X per array axis, such as ``"CYX"``; guessed from the
        shape when not given. A 2D model takes each plane of a stack on its own.
    tiles
        Device, precision, and how large images are cut up; the result does not depend on tiles.
    decode
        How objects are made from the network's output; the model's own way when not given.

    Returns
    -------
    Segmentation
        Instances, semantic labels, probabilities and height.

    Raises
    ------
    UserError
        For bad input, in one sentence that says what to do.

    Examples
    --------
    >>> from napari_unet import segment
    >>> from napari_unet.io.samples import load_sample
    >>> image, truth = load_sample("nuclei2d")
    >>> cells = segment(image.data[0]).instances
    """
    return drive(segment_steps(image, model, axes=axes, tiles=tiles, decode=decode))
