"""Objects as they come: with gaps in their numbers, of one pixel, with holes, in pieces."""

import numpy as np

from napari_unet.io.exchange.content import Content


def odd_labels():
    """A plane (20, 24): 2 with a hole, 5 in two pieces that meet by a tip, 300 of one pixel."""
    labels = np.zeros((20, 24), np.int32)
    labels[2:9, 3:11] = 2
    labels[4:6, 5:8] = 0
    labels[12:14, 2:6] = labels[14:17, 6:9] = 5
    labels[0, 23] = 300
    labels[15:20, 15:24] = 7
    return labels


def odd_content(**changes):
    """The objects with two classes, in µm."""
    about = {
        "labels": odd_labels(),
        "axes": "YX",
        "spacing": (0.5, 0.25),
        "unit": "µm",
        "classes": {2: 1, 5: 2, 300: 2, 7: 1},
        "class_names": ("neuron", "glia / other"),
        "image": np.random.default_rng(0).integers(0, 200, (1, 20, 24), np.uint8),
    }
    return Content(name="cells", **about | changes)


def deep_content(**changes):
    """Two frames (t, z, y, x) of three planes, an object across planes, and other orders."""
    labels = np.zeros((2, 3, 20, 24), np.uint16)
    labels[:, 1] = odd_labels()
    labels[0, :, 10, 12:15] = 9
    about = {"labels": labels, "axes": "TZYX", "ndim": 3, "spacing": (2, 0.5, 0.25), "unit": "µm"}
    return Content(name="stack", **about | changes)
