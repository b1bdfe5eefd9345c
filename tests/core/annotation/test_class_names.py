"""Classes of one name are one class, whatever their numbers."""

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.annotation.class_names import named_alike
from napari_unet.core.errors import UserError

LABELS = np.repeat(np.arange(4, dtype=np.uint8)[np.newaxis], 2, axis=0)


def image(name, classes, class_names):
    annotation = Annotation(LABELS, classes=classes, class_names=class_names)
    return AnnotatedImage(name, LABELS, "YX", annotation)


def called(image):
    """The name of the class of each object."""
    annotation = image.annotation
    return [annotation.class_names[annotation.classes.get(n, 1) - 1] for n in (1, 2, 3)]


def test_a_number_means_one_name_in_all_images():
    given = [
        image("p", {1: 1, 2: 2, 3: 1}, ("odd", "even")),
        image("q", {2: 2}, ("even", "odd")),
        image("r", {1: 2, 3: 2}, ("even", "third")),
    ]
    found, names = named_alike(given)
    assert names == ("odd", "even", "third")
    assert [called(each) for each in found] == [called(each) for each in given]
    assert {each.annotation.class_names for each in found} == {names}


def test_numbers_stay_where_nobody_has_named_the_classes():
    given = [
        image("p", {2: 2}, ("a", "b")),
        image("q", {1: 2}, ()),
        image("r", {1: 2}, ("object",)),
    ]
    found, names = named_alike(given)
    assert names == ("a", "b")
    assert [each.annotation.classes for each in found] == [{2: 2}, {1: 2}, {1: 2}]
    assert named_alike(given[1:]) == (given[1:], ())


def test_given_names_are_an_order_or_other_names():
    given = [image("p", {2: 2}, ("a", "b"))]
    found, names = named_alike(given, ["c", "b", "a"])
    assert names == ("c", "b", "a")
    assert found[0].annotation.classes == {1: 3, 2: 2, 3: 3}
    found, names = named_alike(given, ["x", "y"])
    assert (names, found[0].annotation.classes) == (("x", "y"), {2: 2})
    with pytest.raises(UserError, match=r"name the classes a, b, of which “b” is not among"):
        named_alike(given, ["c", "a"])


def test_two_classes_of_one_name_are_refused():
    with pytest.raises(UserError, match="p: two classes are called “a”"):
        named_alike([image("p", {}, ("a", "a"))])
