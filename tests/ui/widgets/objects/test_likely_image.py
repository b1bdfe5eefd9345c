"""Objects of which nobody knows the image get one of their size, by its name."""

import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_unet.ui.widgets.objects.likely_image import image_note, likely_image


def image(name, shape=(20, 30)):
    return Image(np.zeros(shape), name=name)


def labels(name):
    return Labels(np.zeros((20, 30), int), name=name)


@pytest.mark.parametrize(
    ("objects", "images", "chosen"),
    [
        ("set21 labels", ("set21", "set05"), "set21"),
        ("set21 labels [1]", ("set21", "set21 old", "set05"), "set21"),
        ("Plate_03_cp_masks", ("plate 03", "plate 04"), "plate 03"),
        ("cell_3_mask", ("cell_1", "cell_3.tif", "cell_2"), "cell_3.tif"),
        ("set21 labels", ("set05", "set21 raw"), "set21 raw"),
        ("truth", ("one", "two"), "before"),
        ("nuclei labels", ("nuclei 1", "nuclei 2"), "before"),
    ],
)
def test_the_closest_name_counts(objects, images, chosen):
    before, layers = image("before"), [image(name) for name in images]
    found = likely_image(labels(objects), [*layers, before], before)
    assert found.name == chosen
    told = image_note("Seen", labels(objects), found, [*layers, before])
    assert told.startswith(f"Seen “{chosen}”")
    assert ("nothing tells" in told) == (chosen == "before")


def test_images_of_other_sizes_are_not_meant():
    small, other = image("set21", (10, 30)), image("other")
    assert likely_image(labels("set21 labels"), [small, other], small) is other
    assert likely_image(labels("set21 labels"), [small], small) is None
    assert image_note("Seen", labels("truth"), other, [small, other]) == "Seen “other”."
    assert image_note("Seen", labels("truth"), None, [other]) == ""
    assert image_note("Seen", labels("other objects (instances)"), other, [other]) == ""
