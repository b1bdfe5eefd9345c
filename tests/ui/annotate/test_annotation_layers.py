"""The layers of an annotation: where they lie, and what is copied from them."""

import numpy as np
import pytest
from napari.layers import Image, Labels
from napari.layers._layer_actions import _duplicate_layer
from numpy.testing import assert_array_equal

from napari_unet.core.errors import UserError
from napari_unet.ui.finetune.data.partner import partner
from napari_unet.ui.widgets.choices import PAINTED, choices_of
from painted import annotated_image, annotation_of

IMAGES = {
    "flat": ((60, 80), {"scale": (0.5, 0.25), "translate": (3, 4), "rotate": 20}, (60, 80)),
    "stack": ((4, 60, 80), {"scale": (2, 0.5, 0.25), "units": ("um",) * 3}, (4, 60, 80)),
    "colour": ((60, 80, 3), {"rgb": True, "scale": (2, 2)}, (60, 80)),
    "channels": ((2, 60, 80), {"axis_labels": ("c", "y", "x"), "scale": (1, 2, 3)}, (60, 80)),
}


@pytest.mark.parametrize(("shape", "options", "expected"), IMAGES.values(), ids=IMAGES)
def test_new_annotation_lies_where_the_image_lies(
    viewer, annotate, click, shape, options, expected
):
    image = viewer.add_image(np.zeros(shape, np.uint8), name="cells", **options)
    click(annotate.form.create)
    rectangles, marks, objects = viewer.layers[1:]
    assert [layer.name for layer in viewer.layers[1:]] == [
        "cells rectangles",
        "cells marks",
        "cells objects",
    ]
    assert (objects.data.shape, objects.data.dtype) == (expected, np.uint32)
    assert (marks.data.shape, marks.data.dtype) == (expected, np.uint8)
    assert rectangles.ndim == len(expected)
    for layer in (rectangles, marks, objects):
        assert_array_equal(layer.scale, image.scale[-len(expected) :])
        assert_array_equal(layer.translate, image.translate[-len(expected) :])
        assert layer.units == image.units[-len(expected) :]
        assert layer.axis_labels == image.axis_labels[-len(expected) :]
        assert_array_equal(
            layer.affine.affine_matrix[-3:, -3:], image.affine.affine_matrix[-3:, -3:]
        )
        assert_array_equal(layer.rotate[-2:, -2:], image.rotate[-2:, -2:])
    assert viewer.layers.selection.active is objects
    annotated = annotated_image(image, objects)
    assert annotated.image.shape == shape
    assert annotated.annotation.ignored().all()
    assert annotate.form.extent.isVisible() == (len(expected) > 2)


def test_plain_labels_count_everywhere(objects):
    annotation = annotation_of(Labels(objects))
    assert annotation.marks is None
    assert annotation.boxes is None
    assert not annotation.ignored().any()


def test_deleted_marks_never_make_everything_count(viewer, start, annotate, click, said):
    session = start()
    viewer.layers.remove("cells marks")
    viewer.layers.remove("cells rectangles")
    assert_array_equal(annotation_of(session.layer).ignored(), session.layer.data == 0)
    click(annotate.form.background)
    assert "The layer of marks of this annotation was deleted" in said[0]


def test_spacing_and_weights():
    pixels = np.zeros((3, 20, 16), np.uint8)
    image = Image(pixels, scale=(2000, 500, 500), units=("nm",) * 3, axis_labels=("z", "y", "x"))
    weight = Image(np.ones(pixels.shape))
    annotated = annotated_image(image, Labels(pixels), weight)
    assert annotated.axes == "ZYX"
    assert annotated.spacing == pytest.approx((2, 0.5, 0.5))
    assert annotated.annotation.weight.dtype == np.float32
    assert annotated_image(Image(pixels), Labels(pixels)).spacing is None
    with pytest.raises(UserError, match="made for this image"):
        annotated_image(image, Labels(pixels[:, :5]))


def test_a_duplicate_of_the_objects_is_no_annotation(viewer, start, annotate):
    session = start()
    viewer.layers.selection = {session.layer}
    _duplicate_layer(viewer.layers)
    copy = viewer.layers["cells objects copy"]
    viewer.layers.selection.active = copy
    form = annotate.form
    assert copy not in form.annotation.choices
    assert copy in form.start.choices
    assert annotate.session is session
    assert form.work.isEnabled()
    assert form.save.isEnabled()
    assert partner(viewer.layers["cells"], viewer.layers) is session.layer
    viewer.layers.selection.active = viewer.layers["cells"]
    assert choices_of(viewer).get(PAINTED) is session.layer
