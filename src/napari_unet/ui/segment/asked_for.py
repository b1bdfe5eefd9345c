"""What is asked for in the form of *Segment*."""

from __future__ import annotations

from pathlib import Path

from napari.components import ViewerModel
from napari.layers import Image

from napari_unet.core.config import DecodeConfig, ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import COLOUR, SPATIAL
from napari_unet.core.image.grey_colours import grey_channel
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.storage.model_header import AUTO
from napari_unet.ui.layers.axes import layer_axes, lead_axes
from napari_unet.ui.layers.in_view import other_view
from napari_unet.ui.layers.source import Source, take
from napari_unet.ui.segment.form import SegmentForm
from napari_unet.ui.segment.job import SegmentJob


def asked_for(
    form: SegmentForm,
    layer: Image,
    viewer: ViewerModel,
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
    viewer
        Where it is shown: of a stack perhaps only the plane in view is asked for.
    decode
        How objects are made; None for the model's own way.
    channels
        Which channels the model looks at; None for those that are chosen.

    Raises
    ------
    UserError
        If something is not chosen that must be, or what is in view is no plane to be segmented.
    """
    config, own = form.config(), form.own_decode()
    form.axes.check()
    model = form.model.asked() or ""
    point = None if form.whole.isChecked() else _point_in_view(viewer, layer, config)
    source = take(layer, config.ndim, config.in_channels, point)
    if config.in_channels > 1 and "C" not in source.axes:
        raise UserError(
            f"“{layer.name}” is one channel, and the model takes {config.in_channels}: select the "
            "layers of all channels in the layer list, right-click them, choose Merge to Stack, "
            "and segment the stack."
        )
    if channels is None:
        channels = _channels(form, model, source)
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


def _point_in_view(viewer: ViewerModel, layer: Image, config: ModelConfig) -> tuple[float, ...]:
    """Return where in the layer's world the plane in view lies, or the volume."""
    letters = layer_axes(layer, config.ndim, config.in_channels)
    along = [axis for axis, letter in enumerate(letters) if letter in f"C{SPATIAL[config.ndim]}"]
    view = other_view(viewer, layer, along)
    if view and lead_axes(layer, config.ndim, config.in_channels):
        part = {2: "plane along Y and X", 3: "volume along Z, Y and X"}[config.ndim]
        raise UserError(f"“This view” is one {part}, and {view} first, or choose Whole stack.")
    return viewer.dims.point[-layer.ndim :]


def _channels(form: SegmentForm, model: str | Path, source: Source) -> tuple[int, ...]:
    """Return the channels that are chosen, or that a colour image or *Auto* chooses."""
    colours = source.axes.endswith("YXC") and source.image.shape[-1] in COLOUR
    if form.channels.chosen or not colours:
        return form.channels.value()
    if model == AUTO or grey_channel(source.image, source.axes) is not None:
        return ()
    return form.model.channels or form.channels.value()
