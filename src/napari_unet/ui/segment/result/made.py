"""With what a result in the window was made, and that to copy."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari.components import ViewerModel
from napari.layers import Image

from napari_unet.core.errors import UserError
from napari_unet.core.provenance.record import SourceFile
from napari_unet.core.provenance.work import Work
from napari_unet.storage.digests import source_file
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.layers.source import Source
from napari_unet.ui.widgets.copying.copy_box import CopyBox
from napari_unet.ui.widgets.layer_box import LayerBox

if TYPE_CHECKING:
    from napari_unet.core.decoding.segmentation import Segmentation


def with_file(source: Source, result: Segmentation) -> Segmentation:
    """Return a result that also says of which file it is; to be called in a worker.

    Its request is that for the file, which is the layer's but where channels are layers of their
    own.
    """
    request = result.made.request
    if source.split:
        channels = source.channels or request.channels
        request = request.replace(axes=None, spacing=(), channels=channels)
    part = source.part_name.removeprefix(source.name).strip()
    known = SourceFile(source.file, part=part)
    if source.file and not part:  # no part can be made again, and many are tried out
        with suppress(UserError):  # the image is in memory, whatever has become of its file
            known = source_file(Path(source.file))
    return replace(result, made=result.made.replace(request=request, source=known))


def copy_box(viewer: ViewerModel, image: LayerBox) -> CopyBox:
    """Return the buttons that copy how the newest result of the chosen image was made."""
    return CopyBox(lambda: _work(viewer, image.value))


def _work(viewer: ViewerModel, image: Image | None) -> Work:
    for layer in reversed(viewer.layers):
        about = layer.metadata.get(MADE, {})
        owner = about.get("image")
        if "made" in about and owner is not None and owner() is image:
            return Work.of(about["made"])
    raise UserError("There is no result of this image to copy: click Segment first.")
