"""What the channels of other programs mean is told by names and values, or asked."""

import numpy as np
import pytest

from napari_unet.core.errors import UserError
from napari_unet.nn.foreign.meaning import CHOICES, checked, meaning


def output(count, *, sums=False):
    found = np.random.default_rng(0).random((1, count, 8, 8))
    return found / found.sum(1, keepdims=True) if sums else found


NAMES = {
    "one": ([], "nuclei", 1, False, ("foreground",)),
    "one boundary": (["cell boundaries"], "", 1, False, ("boundary",)),
    "one, of a boundary?": ([], "predicts membranes", 1, False, ()),
    "two": (["Foreground", "boundary"], "", 2, False, ("foreground", "boundary")),
    "two without names": (["channel0", "channel1"], "", 2, False, ()),
    "probabilities": ([], "", 2, True, ("background", "foreground")),
    "classes": ([], "", 3, True, ("background", "class 1", "class 2")),
    "named classes": (["bg", "axon", "myelin"], "", 3, True, ("background", "axon", "myelin")),
    "interior": (
        ["background", "foreground", "border"],
        "",
        3,
        True,
        ("background", "foreground", "boundary"),
    ),
    "partly named": (["mask", "c1"], "", 2, False, ()),
}


@pytest.mark.parametrize(("names", "about", "count", "sums", "wanted"), NAMES.values(), ids=NAMES)
def test_what_channels_mean(names, about, count, sums, wanted):
    assert meaning(names, about, output(count, sums=sums)) == wanted


def test_the_user_knows_better():
    found = output(2, sums=True)
    assert meaning(["a", "b"], "", found, ["b", "background"]) == ("b", "background")
    with pytest.raises(UserError, match="gives 2 channels: give as many different names"):
        meaning([], "", found, ["a", "a"])


@pytest.mark.parametrize("count", CHOICES)
def test_what_is_offered_can_be_chosen(count):
    assert all(checked(each, count) == each for each in CHOICES[count])


def test_what_objects_cannot_be_made_of():
    with pytest.raises(UserError, match=r"values from -3 to 5, which are no probabilities"):
        meaning([], "", np.array([[[[-3.0, 5.0]]]]))
    with pytest.raises(UserError, match="gives 'x_affinity'"):
        meaning(["x_affinity"], "", output(1))
    with pytest.raises(UserError, match="nothing but background"):
        meaning(["background"], "", output(1))
