"""Labels that lie some pixels beside what they outline."""

import numpy as np
import pytest
from skimage.segmentation import expand_labels

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.review.review import review
from napari_unet.io.bundled import load_sample

WORDS = "beside what they outline"


def pairs(down, right):
    """Return pictures of nuclei with labels that lie so far below and right of them."""
    image, truth = load_sample("nuclei2d")
    labels = np.roll(truth.data[:3].astype(np.int32), (down, right), (1, 2))
    inside = np.s_[10:-10, 10:-10]
    return [
        (grey[inside], objects[inside].copy())
        for grey, objects in zip(image.data, labels, strict=False)
    ]


def told(given, axes="YX", ndim=2):
    images = [
        AnnotatedImage(name, image, axes, Annotation(labels))
        for name, (image, labels) in zip("abcd", given, strict=False)
    ]
    found = review(images, ndim)
    assert not [each for each in found if "not lie on what can be seen" in each.text]
    return [each for each in found if WORDS in each.text]


@pytest.mark.parametrize("change", [lambda objects: objects, lambda o: expand_labels(o, 3)])
def test_labels_in_their_place_are_left_alone_also_where_all_are_painted_too_large(change):
    assert told([(grey, change(objects)) for grey, objects in pairs(0, 0)]) == []


def test_shifted_labels_are_told_once_with_the_way_back():
    (finding,) = told(pairs(4, -3))
    assert finding.level == "warning"
    assert finding.text.startswith("The labels of 3 of 3 images lie some pixels beside")
    assert "those of a by 5 pixels" in finding.text
    assert finding.advice.startswith(
        "Move those of a by 4 pixels up and 3 pixels to the right, or look"
    )


def test_the_one_image_whose_labels_are_shifted_is_named():
    (finding,) = told([*pairs(0, 0)[:2], pairs(0, 6)[2]])
    assert (finding.name, finding.text) == ("c", f"The labels lie 6 pixels {WORDS}.")
    assert finding.advice.startswith("Move them by 6 pixels to the left, or look")


@pytest.mark.parametrize(("axes", "ndim"), [("TYX", 2), ("ZYX", 3)])
def test_shifted_labels_of_a_stack_are_told(axes, ndim):
    stack = [np.stack(parts) for parts in zip(*pairs(5, 0), strict=True)]
    (finding,) = told([tuple(stack)], axes, ndim)
    assert finding.text == f"The labels lie 5 pixels {WORDS}."
    right = [np.stack(parts) for parts in zip(*pairs(0, 0), strict=True)]
    assert told([tuple(right)], axes, ndim) == []
