"""What is asked for in the form of *Segment*."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from napari.layers import Image

from napari_unet.core.config import DecodeConfig
from napari_unet.core.image.grey_colours import grey_channel
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.storage.model_header import AUTO
from napari_unet.ui.layers.source import Source, take
from napari_unet.ui.segment.form import SegmentForm
from napari_unet.ui.segment.job import SegmentJob


def asked_for(
    form: SegmentForm,
    layer: Image,
    point: Sequence[float] | None,
    decode: DecodeConfig | None,
    channels: tuple[int, ...] | None,
) -> SegmentJob:
    """Return what is to be segmented, and how.

    Parameters
    ----------
    form
        The form.
    layer
        The image.
    point
        World coordinates of the plane in view; None for the whole stack.
    decode
        How objects are made; None for the model's own way.
    channels
        Which channels the model looks at; None for those that are chosen.

    Raises
    ------
    UserError
        If something is not chosen that must be.
    """
    config, own = form.config(), form.own_decode()
    form.axes.check()
    model = form.model.asked() or ""
    source = take(layer, config.ndim, config.in_channels, point)
    if channels is None:
        channels = _channels(form, model, source, may_be_open=layer.rgb)
    request = SegmentRequest(
        axes=source.axes,
        channels=channels,
        spacing=source.spacing,
        tiles=form.tiles.value(),
        decode=None if model == AUTO else decode or own,
        size=form.size.value(),
        grey=form.grey.value(),
        link=form.extent.link(),
    )
    return SegmentJob(source, model, request, own)


def _channels(
    form: SegmentForm, model: str | Path, source: Source, *, may_be_open: bool
) -> tuple[int, ...]:
    """Return the channels that are chosen, or that the image or *Auto* chooses."""
    if form.channels.chosen or not may_be_open:
        return form.channels.value()
    if model == AUTO or grey_channel(source.image, source.axes) is not None:
        return ()
    return form.model.channels or form.channels.value()
