"""Class images whose numbers are no classes."""

from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import IGNORED, AnnotatedImage, Annotation
from napari_unet.core.review.classes import MANY, review_classes
from shapes import make_image, make_labels

CLASSES = np.zeros((24, 24), np.uint8)
CLASSES[2:6, 2:6] = CLASSES[12:18, 12:18] = 1
CLASSES[2:6, 12:18] = 2


def annotated(labels):
    return AnnotatedImage("a", make_image(make_labels(2))[..., :24, :24], "YX", Annotation(labels))


def found(labels, names=()):
    return {each.level: each.in_words() for each in review_classes([annotated(labels)], names)}


def test_classes_are_told_with_their_shares():
    told = found(CLASSES, ["axon", "myelin"])
    assert list(told) == ["info"]
    assert "0 (background) 86.8 %, 1 (axon) 9.03 %, 2 (myelin) 4.17 %" in told["info"]


def test_ignored_pixels_are_no_class():
    ignoring = annotated(np.where(CLASSES == 2, 255, CLASSES)).ignoring(255)
    (told,) = review_classes([ignoring])
    assert "1 9.42 %." in told.text


def test_areas_without_weight_are_told():
    given = annotated(CLASSES)
    weight = np.ones(CLASSES.shape, np.float32)
    for bare, words in [(np.s_[2:6, 12:18], "1 area is without"), (np.s_[:6], "2 areas are with")]:
        weight[bare] = 0
        weighed = replace(given, annotation=replace(given.annotation, weight=weight))
        told = [each for each in review_classes([weighed]) if each.level == "warning"]
        (finding,) = told
        assert words in finding.headline
        assert CLASSES[finding.where] > 0
        assert weight[finding.where] == 0
        ignoring = replace(weighed.annotation, marks=np.where(weight, 0, IGNORED))
        unseen = review_classes([replace(weighed, annotation=ignoring)])
        assert not any("without weight" in each.text for each in unseen)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (CLASSES * 50, "0, 50, 100: 98 of the classes 1 to 100 are never seen"),
        (CLASSES + 1, "No pixel has the number 0, which is the background"),
        (np.arange(576).reshape(24, 24) % (MANY + 2), "14 different numbers"),
    ],
    ids=["grey", "no background", "many"],
)
def test_odd_numbers_are_an_error_unless_each_class_has_a_name(labels, words):
    assert words in found(labels)["error"]
    assert words in found(labels, [f"name {number}" for number in range(labels.max())])["warning"]


def test_numbers_of_objects_are_told():
    objects = CLASSES.copy()
    objects[12:18, 12:18] = 3
    assert "as if it were an object's" in found(objects)["warning"]
    assert list(found(objects, ["one", "two", "three"])) == ["info"]


def test_nothing_annotated_is_not_counted():
    assert review_classes([annotated(np.full((24, 24), 255)).ignoring(255)]) == []
