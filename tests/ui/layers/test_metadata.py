"""What a layer holds is known from who made it, its file, or its name."""

from weakref import ref

import numpy as np
import pytest
from napari.layers import Image, Labels
from napari.layers._source import Source

from lazy import Reads
from napari_unet.ui.layers.arrays import fingerprint
from napari_unet.ui.layers.metadata import (
    MADE,
    has_role,
    image_name,
    is_of_namesake,
    is_result_of,
    is_weight_map,
    of_one_image,
    result_name,
)

PIXELS = np.zeros((4, 5), np.uint8)


def test_who_made_a_layer_says_what_it_holds():
    layer = Labels(PIXELS, name="a classes (semantic)", metadata={MADE: {"role": "instances"}})
    assert has_role(layer, "instances")
    assert not has_role(layer, "semantic")


@pytest.mark.parametrize("file", ["a_instances.tif", "a_instances.ome.zarr"])
def test_a_file_says_what_its_layer_holds(file):
    layer = Labels(PIXELS, name="renamed")
    assert not has_role(layer, "instances")
    layer._source = Source(path=f"folder/{file}")
    assert has_role(layer, "instances")


def test_a_name_says_what_a_layer_holds_where_nothing_else_does():
    assert is_weight_map(Image(PIXELS, name="a weight map"))
    assert not is_weight_map(Labels(PIXELS, name="a weight map"))
    assert not is_weight_map(Image(PIXELS, name="a"))


@pytest.mark.parametrize("role", ["instances", "semantic", "height"])
def test_a_result_is_known_by_its_role_and_by_its_name(role):
    made = Labels(PIXELS, name="renamed", metadata={MADE: {"role": role}})
    opened = Labels(PIXELS, name=result_name("cells", role))
    for layer in (made, opened):
        assert has_role(layer, role)
        assert not has_role(layer, "objects")


@pytest.mark.parametrize(
    "name",
    [
        "cells objects (instances)",
        "cells instances",
        "cells classes (semantic)",
        "cells height",
        "cells",
    ],
)
def test_a_result_tells_the_name_of_its_image(name):
    assert image_name(name) == "cells"


def test_results_are_of_their_image_whatever_the_layers_are_called():
    image, twin = Image(PIXELS, name="a"), Image(PIXELS, name="a")
    one, other = (
        Labels(PIXELS, name=name, metadata={MADE: {"role": "instances", "image": ref(image)}})
        for name in ("a instances", "b")
    )
    stranger = Labels(PIXELS, name="a instances", metadata={MADE: {"image": ref(twin)}})
    assert is_result_of(other, image)
    assert not is_result_of(one, twin)
    assert of_one_image(one, other)
    assert not of_one_image(one, stranger)
    del image
    assert of_one_image(one, other)


def test_results_of_others_are_known_by_name():
    image, opened = Image(PIXELS, name="a"), Labels(PIXELS, name="a objects (instances)")
    assert is_result_of(opened, image)
    assert of_one_image(opened, Labels(PIXELS, name="a semantic"))
    made = Labels(PIXELS, name="a instances", metadata={MADE: {"image": ref(image)}})
    assert not of_one_image(opened, made)


def test_an_image_that_was_opened_again_is_known_by_its_pixels_and_not_by_its_name_alone():
    image = Image(PIXELS, name="a")
    about = {MADE: {"role": "instances", "image": ref(image), "known": fingerprint(image)}}
    result = Labels(PIXELS, name="a instances", metadata=about)
    again, second = Image(PIXELS.copy(), name="a"), Image(PIXELS.copy(), name="a [1]")
    other, renamed = Image(PIXELS + 1, name="a"), Image(PIXELS + 1, name="b")
    assert [is_result_of(result, each) for each in (again, second, other)] == [True, True, False]
    assert [is_of_namesake(result, each) for each in (image, again, other, renamed)] == [
        False,
        False,
        True,
        False,
    ]


def test_images_that_are_not_in_memory_are_known_by_their_file_and_not_read():
    reads = Reads(np.zeros((3, 4, 5), np.uint8))
    lazy, same, other = (Image(reads.lazy(), name="a", contrast_limits=(0, 1)) for _ in range(3))
    for layer, file in ((lazy, "one/a.tif"), (same, "one/a.tif"), (other, "two/a.tif")):
        layer._source = Source(path=file)
    reads.planes.clear()
    assert fingerprint(lazy).fits(same)
    assert not fingerprint(lazy).fits(other)
    assert reads.planes == set()


def test_of_a_large_image_some_pixels_are_looked_at():
    pixels = np.zeros((3, 1500, 1500), np.uint8)
    other = pixels.copy()
    other[:, 500:, 500:] = 1
    known = fingerprint(Image(pixels, name="a"))
    assert known.fits(Image(pixels.copy(), name="a"))
    assert not known.fits(Image(other, name="a"))
