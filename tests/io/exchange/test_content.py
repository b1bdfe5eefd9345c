"""What is exported fits together, and is named by its class and number."""

import numpy as np
import pytest

from napari_unet.core.errors import UserError
from napari_unet.io.exchange.content import Content, colour_of
from odd import deep_content, odd_content


@pytest.mark.parametrize("axes", ["YX", "ZTYX", "CYX", "ZYY", "ZTY", "", "zyx"])
def test_axes_that_do_not_fit(axes):
    with pytest.raises(UserError, match=r"axes"):
        Content(np.zeros((2, 3, 4), int), axes, "a")


@pytest.mark.parametrize("part", ["semantic", "nuclei", "image"])
def test_parts_of_another_shape(part):
    with pytest.raises(UserError, match="different shapes"):
        odd_content(**{part: np.zeros((1, 3, 4))})


def test_planes_come_in_the_order_of_time_and_depth():
    content = deep_content()
    turned = deep_content(labels=content.labels.transpose(3, 1, 2, 0), axes="XZYT")
    assert turned.plane_count == content.plane_count == 6
    for one, other in zip(turned.planes(), content.planes(), strict=True):
        assert one.place == other.place
        np.testing.assert_array_equal(one.labels, other.labels)


def test_classes_without_a_name_have_a_usual_one():
    content = odd_content(classes={5: 3, 7: 2})
    assert [content.title(label) for label in (2, 5, 7)] == [
        "neuron#2",
        "class 3#5",
        "glia / other#7",
    ]
    assert colour_of(1) != colour_of(2)
    assert colour_of(1) == colour_of(8)
