"""Plane law in a real window: what is seen, painted and learnt at every slider is the right plane.

Each pixel has a number of its own, the same in the labels and, but for an offset, in each channel.
"""

from itertools import product
from uuid import uuid4

import numpy as np
from napari.layers import Image, Layer
from numpy.testing import assert_array_equal

from napari_unet.io.picture import Picture
from napari_unet.runs.from_annotations import to_samples
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.annotate.annotation_copies import chunked_annotated_image
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.channel_group import is_whole
from napari_unet.ui.layers.image_choice import choices, in_viewer
from napari_unet.ui.layers.picture_layers import image_layers
from napari_unet.ui.layers.source import take
from napari_unet.ui.segment.result.result_layer import ResultLayer
from napari_unet.ui.work.copies import at_once

SIZES = {"T": 3, "Z": 5, "C": 2, "Y": 7, "X": 11}
OFFSET = 2000
ORDERS = ["CYX", "ZCYX", "TCYX", "ZCTYX", "TZCYX", "TCZYX", "XYC", "TYCX", "YCZX"]
FILES = ["CYX", "ZCYX", "TZCYX"]
PAINTED = 999_999


def numbered(axes):
    """Return an image in which each pixel has a number of its own, and labels like it."""
    flat = axes.replace("C", "")
    labels = np.arange(1, 1 + np.prod([SIZES[each] for each in flat]), dtype=np.uint32)
    labels = labels.reshape([SIZES[each] for each in flat])
    channels = [labels + OFFSET * channel for channel in range(SIZES["C"])]
    return np.stack(channels, axes.index("C")), labels


def seen(layer):
    """Return the plane of a layer that the window shows."""
    return np.asarray(layer._slice.image.raw)


def moves(viewer, axes):
    """Move the sliders to places all over, the letters of the axes being in the viewer's order."""
    plane = [axes.index("Y"), axes.index("X")]
    hidden = [axis for axis in range(len(axes)) if axis not in plane]
    viewer.dims.order = (*hidden, *plane)
    positions = list(product(*(range(SIZES[axes[axis]]) for axis in hidden)))
    for position in {*positions[:: 1 + len(positions) // 3], positions[-1]}:
        viewer.dims.set_current_step(hidden, position)
        yield {axes[axis]: step for axis, step in zip(hidden, position, strict=True)}


def made_for(viewer, image, labels):
    """Add a result and an annotation for an image, both with these labels."""
    channels = SIZES["C"] if is_whole(image) else 1
    source = take(image, 2, channels)
    result = ResultLayer(viewer, "instances", {}).show(
        source, labels.reshape(source.shape), 2, uuid4()
    )
    painted = add_annotation(viewer, image)
    painted.preserve_labels, painted.brush_size = False, 1
    pixels_in(painted)[...] = labels
    painted.refresh()
    return result, painted


def check_planes(viewer, axes, shown, image, labels):
    """Look, and paint, wherever the sliders go."""
    result, painted = made_for(viewer, image, labels)
    for at in moves(viewer, axes):
        numbers = seen(shown) - OFFSET * at.get("C", 0)
        assert_array_equal(seen(result), numbers, f"{axes} at {at}")
        assert_array_equal(seen(painted), numbers, f"{axes} at {at}")
        point = viewer.dims.point
        painted.paint(painted.world_to_data(point), PAINTED)
        changed = np.argwhere(pixels_in(painted) == PAINTED)
        assert len(changed) == 1
        assert labels[tuple(changed[0])] in numbers, f"{axes} at {at}"
        painted.undo()
    return painted


def check_learnt(image, painted, channels, offset):
    """Cut what is trained on: image and labels tell the same numbers in all of their pixels."""
    copied = at_once(chunked_annotated_image(image, painted))
    samples = list(to_samples([copied], 2, channels))
    assert sum(sample.labels.size for sample in samples) == painted.data.size
    for sample, channel in product(samples, range(channels)):
        assert_array_equal(sample.image[channel], sample.labels + offset + OFFSET * channel)


def test_channels_that_are_an_axis_wherever_it_lies(viewer):
    for axes in ORDERS:
        viewer.layers.clear()
        data, labels = numbered(axes)
        image = Image(data, rgb=False, axis_labels=tuple(axes.lower()), name="cells")
        image.scale = np.arange(2, 2 + len(axes))
        viewer.add_layer(image)
        painted = check_planes(viewer, axes, image, image, labels)
        check_learnt(image, painted, SIZES["C"], 0)


def test_channels_that_are_layers(viewer):
    for axes in FILES:
        viewer.layers.clear()
        data, labels = numbered(axes)
        picture = Picture(data, axes, name="cells")
        channels = [Layer.create(*each) for each in image_layers(picture)]
        for layer in channels:
            layer.scale = np.arange(2, 2 + layer.ndim)
            viewer.add_layer(layer)
        assert viewer.dims.ndim == labels.ndim
        whole = choices(channels)[0]
        shown = in_viewer(whole, viewer.layers)
        assert shown is channels[-1]
        painted = check_planes(viewer, axes.replace("C", ""), channels[0], channels[0], labels)
        check_learnt(channels[0], painted, 1, 0)
        check_learnt(channels[1], painted, 1, OFFSET)
        painted = check_planes(viewer, axes.replace("C", ""), channels[0], whole, labels)
        check_learnt(whole, painted, SIZES["C"], 0)
        assert_array_equal(seen(shown) - OFFSET, seen(painted))
