"""From an image to instance and semantic labels: the one path of viewer, shell and Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_unet.core.config import DecodeConfig, LinkConfig, SizeConfig, TileConfig
from napari_unet.core.decoding.segmentation import Segmentation
from napari_unet.core.image.axes import guess_axes
from napari_unet.core.image.check import check_image
from napari_unet.core.image.pixel_size import pixel_size
from napari_unet.core.image.planes import arrange
from napari_unet.core.image.resample import resampled
from napari_unet.core.progress import Progress, Steps, drive
from napari_unet.nn.model import Model, load_model
from napari_unet.nn.prediction.match_size import matched_steps
from napari_unet.nn.prediction.predict import Output, predict_steps


def segment_steps(  # noqa: PLR0913 - the public path, all by keyword
    image: Any,
    model: str | Path | Model = "nuclei",
    *,
    axes: str | None = None,
    channels: Sequence[int] = (),
    spacing: Sequence[float] = (),
    tiles: TileConfig | None = None,
    decode: DecodeConfig | None = None,
    size: SizeConfig | None = None,
    link: LinkConfig | None = None,
) -> Steps[Segmentation]:
    """Segment an image step by step; `segment` without the steps.

    Yields
    ------
    Progress with the tiles done; it tells the device, and has a notice if something was chosen or
    had to be changed.
    """
    check_image(image)
    if not isinstance(model, Model):
        model = load_model(model)
    tiles, ndim = tiles or TileConfig(), model.config.ndim
    axes = axes or guess_axes(image.shape, ndim, model.config.in_channels)
    planes = arrange(image, axes, ndim, model.config.in_channels, channels)
    pixel = pixel_size(spacing, axes, ndim)
    seen = yield from matched_steps(planes, model, size or SizeConfig(), pixel, tiles)
    output = yield from predict_steps(seen, model, tiles)
    if seen.spatial != planes.spatial:
        yield Progress("bringing back to full size")
        output = _at_size(output, planes.spatial)
    yield Progress("finding objects")
    found = Segmentation.from_output(
        output.probabilities, output.height, ndim, decode or model.decode
    )
    return replace(found, spread=output.spread).linked(planes.axes, link or LinkConfig())


def _at_size(output: Output, spatial: tuple[int, ...]) -> Output:
    return Output(
        resampled(output.probabilities, spatial),
        None if output.height is None else resampled(output.height, spatial),
        None if output.spread is None else resampled(output.spread, spatial),
    )


def segment(  # noqa: PLR0913 - as above
    image: Any,
    model: str | Path | Model = "nuclei",
    *,
    axes: str | None = None,
    channels: Sequence[int] = (),
    spacing: Sequence[float] = (),
    tiles: TileConfig | None = None,
    decode: DecodeConfig | None = None,
    size: SizeConfig | None = None,
    link: LinkConfig | None = None,
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
    channels
        Which of the image's channels go into the network, in this order, counted from 0; all
        when not given.
    spacing
        Size of a pixel in µm along each of the image's Z, Y and X axes, in the order in which
        they stand in `axes`; empty for unknown.
    tiles
        Device, precision, and how large images are cut up; the result does not depend on tiles.
    decode
        How objects are made from the network's output; the model's own way when not given.
        The smallest size counts pixels of the image as it is given.
    size
        Whether the image is brought to the size that the model knows; labels always have the
        size of the image.
    link
        Which objects of neighbouring planes or frames are one; none when not given.

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
    >>> from napari_unet.io.bundled import load_sample
    >>> image, truth = load_sample("nuclei2d")
    >>> cells = segment(image.data[0]).instances
    """
    return drive(
        segment_steps(
            image,
            model,
            axes=axes,
            channels=channels,
            spacing=spacing,
            tiles=tiles,
            decode=decode,
            size=size,
            link=link,
        )
    )
