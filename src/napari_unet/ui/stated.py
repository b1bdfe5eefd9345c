"""What an image layer, or the file that it came from, says about its axes and its pixel size."""

from __future__ import annotations

from napari.layers import Image, Layer

from napari_unet.core.axes import voxel_sides
from napari_unet.ui.file_facts import facts_of

LETTERS = "TZYX"
COLOURS = ("red", "green", "blue")


def stated_axes(layer: Image) -> str | None:
    """Return one letter of TZCYX per axis of a layer's array, where somebody has said so.

    The layer's axis labels come first, for they are what the user can change; then the file.
    """
    labels = "".join(layer.axis_labels).upper()
    if len(labels) == layer.ndim == len(set(labels)) and not set(labels) - set("TZCYX"):
        return labels + "C" * layer.rgb
    return facts_of(layer).axes


def state_axes(layer: Image, axes: str) -> None:
    """Remember what a layer's axes are, where napari and every other widget see it."""
    layer.axis_labels = tuple(axes[: layer.ndim].lower())


def spacing_of(layer: Layer, axes: str) -> tuple[float, ...] | None:
    """Return the size of a pixel in µm along the spatial axes; None if nobody says so.

    Parameters
    ----------
    layer
        Its scale counts where its units are lengths; else what its file says.
    axes
        One letter per axis.
    """
    spatial = [axis for axis, letter in enumerate(axes[: layer.ndim]) if letter in "ZYX"]
    if all(layer.units[axis].is_compatible_with("micrometer") for axis in spatial):
        return tuple(
            float((abs(layer.scale[axis]) * layer.units[axis]).to("micrometer").magnitude)
            for axis in spatial
        )
    sizes = facts_of(layer).spacing
    known = all(axes[axis] in sizes for axis in spatial)
    return tuple(sizes[axes[axis]] for axis in spatial) if known else None


def scale_of(layer: Layer, axes: str) -> tuple[float, ...] | None:
    """Return the size of a pixel along the spatial axes in any unit; None if it says nothing.

    Parameters
    ----------
    layer
        Its scale counts where it differs between the axes and their units do not.
    axes
        One letter per axis.
    """
    spatial = [axis for axis, letter in enumerate(axes[: layer.ndim]) if letter in "ZYX"]
    sizes = tuple(abs(float(layer.scale[axis])) for axis in spatial)
    units = {layer.units[axis] for axis in spatial}
    return sizes if len(units) == 1 < len(set(sizes)) else None


def voxel_of(layer: Layer, axes: str) -> tuple[float, ...]:
    """Return the sides of a voxel as training in 3D takes them, see `voxel_sides`."""
    return voxel_sides(axes, spacing_of(layer, axes) or scale_of(layer, axes), 3)


def channel_names(layer: Image, count: int) -> tuple[str, ...]:
    """Return what the channels of a layer are called; they are counted from 0, as in the viewer."""
    if layer.rgb:
        return COLOURS[:count]
    return tuple(f"channel {n}" for n in range(count))
