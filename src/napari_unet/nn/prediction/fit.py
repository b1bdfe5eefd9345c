"""How well a model fits an image, found with a quick look before anything is segmented."""

from __future__ import annotations

from typing import Any

from napari_unet.core.config import TileConfig
from napari_unet.core.decoding.fit import Fit
from napari_unet.core.decoding.seen import Seen
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.check import check_image
from napari_unet.core.image.planes import Planes
from napari_unet.core.progress import Steps
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.nn.device import memory_reused
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.match_size import matched_steps
from napari_unet.nn.prediction.windows import Windows


def quick_fit(planes: Planes, model: Model, tiles: TileConfig) -> Fit:
    """Tell how well a model fits an image, of which only a few windows are looked at.

    Parameters
    ----------
    planes
        The image, at the size at which the network sees it.
    model, tiles
        The model, and where it runs.
    """
    with memory_reused():
        windows = Windows(planes, model, tiles)
        outputs, greys = windows.outputs(planes.spatial), windows.greys.values()
        seen = Seen.of(outputs, greys, len(model.config.classes))
        return Fit.of(seen, model.known, exchanged=planes.inverted)


def fit_steps(image: Any, model: Model, request: SegmentRequest) -> Steps[Fit]:
    """Tell how well a model fits an image, brought to the size that the model knows.

    Parameters
    ----------
    image, model, request
        As for `napari_unet.segment`.

    Yields
    ------
    Progress of the quick pass.

    Raises
    ------
    UserError
        For bad input, as `napari_unet.segment` does.
    """
    check_image(image, blank_allowed=True)
    axes, planes = request.arranged(image, model.config)
    pixel = request.pixel(axes).of(SPATIAL[model.config.ndim])
    matched = yield from matched_steps(planes, model, request.size, pixel, request.tiles)
    return quick_fit(matched.planes, model, request.tiles)
