"""The record of what a segmentation is made with, the same for all who ask for one."""

from __future__ import annotations

from napari_unet.core.decoding.segmentation import SizeMatch
from napari_unet.core.image.planes import Planes
from napari_unet.core.instances.link import settled
from napari_unet.core.provenance.record import Provenance
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.nn.device import choose_device
from napari_unet.nn.model import Model
from napari_unet.storage.versions import versions


def made_with(
    model: Model, request: SegmentRequest, axes: str, planes: Planes, match: SizeMatch
) -> Provenance:
    """Return the record of a segmentation, without the file of its image.

    Parameters
    ----------
    model, request
        What it is made with.
    axes
        Of the image, stated or guessed.
    planes
        The image at its own size.
    match
        By what it was resampled.
    """
    axes, device = axes.upper(), choose_device(request.tiles.device)
    told = request.replace(
        axes=axes,
        channels=planes.chosen,
        spacing=request.pixel(axes).listed(axes),
        tiles=request.tiles.replace(memory=0.0),
        link=settled(request.link, planes.axes, planes.lead),
    )
    made = Provenance(
        model=model.file,
        request=told,
        by=match.by,
        size=match.told,
        # the number of threads is left away: what a batch gives a process says nothing
        device=device.kind if device.kind == "cpu" else device.name,
    )
    return made.replace(**versions()).decoded(request.decode or model.decode)
