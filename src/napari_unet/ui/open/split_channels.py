"""The channels that napari has made of one array, with `channel_axis`, as channels of one file.

Each is a layer whose array is a part of the same array, and shines through the one before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import takewhile
from typing import Any

import numpy as np
from napari.layers import Image, Layer

from napari_unet.core.image.channels import Channel, named
from napari_unet.ui.layers.arrays import own_name
from napari_unet.ui.layers.channel_group import ChannelGroup, ChannelOf, group_of
from napari_unet.ui.layers.geometry import placed
from napari_unet.ui.layers.metadata import CHANNEL, MADE

_BETWEEN = " :-_"
"""What stands between the name of an image and that of its channel."""
_CUT = "getitem"
"""How dask names what was cut out of an array."""


def join_channels(layers: Iterable[Layer]) -> None:
    """Make the channels of one array known as such, where they are not yet.

    Parameters
    ----------
    layers
        The layers of the viewer, in their order.
    """
    for parts in _alike(_arrays_of, filter(_may_be_channel, layers)):
        # every list of layers asks, and to look where layers lie takes a millisecond for each
        if not all(map(group_of, parts)) and any(each.blending == "additive" for each in parts):
            for found in _alike(_place_of, parts):
                for channels in _groups(_in_memory_order(found)):
                    _join(channels)


def _alike(key: Callable[[Image], Hashable], layers: Iterable[Image]) -> Iterable[list[Image]]:
    """Part layers by what a key says of them."""
    found = defaultdict[Hashable, list[Image]](list)
    for layer in layers:
        found[key(layer)].append(layer)
    return found.values()


def _may_be_channel(layer: Layer) -> bool:
    """Return whether a layer may be a channel, and is none of a file that was opened as such."""
    if not isinstance(layer, Image) or layer.rgb or MADE in layer.metadata:
        return False
    group = group_of(layer)
    return group is None or group.joined


def _levels(layer: Image) -> list[Any]:
    return list(layer.data) if layer.multiscale else [layer.data]


def _arrays_of(layer: Image) -> Hashable:
    """Return what layers of parts of one array have in common; the layer where nothing tells."""
    arrays = tuple(map(_array_of, _levels(layer)))
    return layer if None in arrays else (arrays, *(part.shape for part in _levels(layer)))


def _place_of(layer: Image) -> Hashable:
    return placed(layer).tobytes(), tuple(map(str, layer.units))


def _array_of(part: Any) -> Hashable | None:
    """Return what all parts of one array have in common; None where nothing tells."""
    if isinstance(part, np.ndarray):
        owner = part.base
        return None if owner is None else (id(owner), part.dtype.str, part.strides)
    # other arrays may have any name, or none
    name, graph = str(getattr(part, "name", "")), getattr(part, "dask", None)
    if not name.startswith(_CUT):  # computed from it: no part
        return None
    parents = getattr(graph, "dependencies", {}).get(name)
    return (tuple(sorted(parents)), part.dtype.str) if parents else None


def _in_memory_order(layers: Sequence[Image]) -> list[Image]:
    """Sort parts of an array in memory, backwards if it is; those of others keep their order."""
    found = sorted(layers, key=_address)
    first, last = found[0], found[-1]
    backwards = _address(first) < _address(last) and first.blending == "additive" != last.blending
    return found[::-1] if backwards else found


def _address(layer: Image) -> int:
    """Return where a part of an array in memory begins; 0 for others."""
    first = _levels(layer)[0]
    return int(first.__array_interface__["data"][0]) if isinstance(first, np.ndarray) else 0


def _groups(layers: Sequence[Image]) -> list[list[Image]]:
    """Part layers where one does not shine through the one before: it is no further channel."""
    groups: list[list[Image]] = []
    for layer in layers:
        if not groups or layer.blending != "additive":
            groups.append([])
        groups[-1].append(layer)
    return [group for group in groups if len(group) > 1]


def _join(layers: Sequence[Image]) -> None:
    """Make layers the channels of one image, unless they are so already."""
    if all(group_of(layer) is not None for layer in layers):
        return
    levels = [_together(parts) for parts in zip(*map(_levels, layers), strict=True)]
    if any(level is None for level in levels):
        return
    name, channels = _names([own_name(layer) for layer in layers])
    parts = tuple(_levels(layer)[0] for layer in layers)
    group = ChannelGroup(name, channels, tuple(levels), parts, joined=True)
    for number, layer in enumerate(layers):
        layer.metadata[CHANNEL] = ChannelOf(group, number)


def _together(parts: Sequence[Any]) -> Any:
    """Return the array that has these parts along its first axis, of which nothing is copied.

    It is None where parts in memory do not follow each other in equal steps.
    """
    if not isinstance(parts[0], np.ndarray):
        import dask.array  # noqa: PLC0415 - takes a moment, and most arrays are in memory

        return dask.array.stack(parts)  # type: ignore[no-untyped-call]
    places = [part.__array_interface__["data"][0] for part in parts]
    (step, *others) = set(np.diff(places).tolist())
    if others or not step:
        return None
    shape, strides = (len(parts), *parts[0].shape), (step, *parts[0].strides)
    return np.lib.stride_tricks.as_strided(parts[0], shape, strides, writeable=False)


def _names(names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return what an image is called whose channels are called so, and what they are in it."""
    if len(set(names)) == 1:
        return names[0], named((), len(names))
    words = zip(*(name.split(" ") for name in names), strict=False)
    common = " ".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, words))
    own = [Channel(name.removeprefix(common).strip(_BETWEEN)) for name in names]
    all_of_them = f"{names[0]} to {names[-1]}" if len(names) > 2 else " + ".join(names)
    return common.strip(_BETWEEN) or all_of_them, named(own, len(own))
