"""Which plane of Y and X pictures show: the one in view, if one is."""

from __future__ import annotations

from napari.components import ViewerModel
from napari.layers import Labels

from napari_unet.ui.layers.below import label_axes
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in
from napari_unet.ui.layers.in_view import plane_in_view


def shown_plane(viewer: ViewerModel, layer: Labels) -> tuple[int, ...]:
    """Return the plane's number along the axes but Y and X; the middle where these are in view."""
    sizes = dict(zip(label_axes(layer), pixels_in(layer).shape, strict=False))
    view = _view(viewer, layer)
    places = {axis: view[axis] for axis in sizes if axis not in "YX"}
    return tuple(sizes[axis] // 2 if at is None else at for axis, at in places.items())


def plane_note(viewer: ViewerModel, layer: Labels) -> str:
    """Say which plane pictures show where another plane, or a volume, is in view; a sentence."""
    view = _view(viewer, layer)
    others = [axis for axis in view if axis not in "YX"]
    if all(view[axis] is not None for axis in others):
        return ""
    numbers = zip(others, shown_plane(viewer, layer), strict=True)
    at = ", ".join(f"{axis} = {number}" for axis, number in numbers)
    return (
        f"Pictures show the plane of Y and X at {at}, for no such plane is in view: for another "
        "one, go to it in the 2D view of Y and X."
    )


def _view(viewer: ViewerModel, layer: Labels) -> dict[str, int | None]:
    """Return where the view stands along each axis of objects; None along those that are seen."""
    channel = channel_axis(layer)
    places = [each for axis, each in enumerate(plane_in_view(viewer, layer)) if axis != channel]
    return {
        letter: place if isinstance(place, int) else None
        for letter, place in zip(label_axes(layer), places, strict=False)
    }
