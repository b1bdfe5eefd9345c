"""Images find what was painted on them, whatever the layers are called."""

from weakref import ref

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_unet.core.errors import UserError
from napari_unet.core.provenance.record import Provenance
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.finetune.data.copied_layers import CopiedLayers
from napari_unet.ui.finetune.data.pair_notes import other_place, part_notes
from napari_unet.ui.finetune.data.partner import obvious_image, partner
from napari_unet.ui.layers.metadata import ANNOTATION, MADE, WEIGHTS, WeightMapState
from napari_unet.ui.segment.result.edits import watch_edits

PIXELS = np.zeros((30, 40), np.uint8)


@pytest.fixture
def viewer():
    return ViewerModel()


def test_an_annotation_belongs_to_its_image_under_any_name(viewer):
    image = viewer.add_image(PIXELS, name="cells")
    objects = add_annotation(viewer, image)
    viewer.add_labels(PIXELS, name="plain")
    image.name, objects.name = "day 1", "mine"
    assert partner(image, viewer.layers) is objects
    namesake = viewer.add_image(PIXELS, name="cells")
    assert partner(image, viewer.layers) is objects
    assert partner(namesake, viewer.layers) is not objects


def test_an_image_that_is_opened_again_has_its_annotation(viewer):
    image = viewer.add_image(PIXELS, name="cells")
    objects = add_annotation(viewer, image)
    viewer.layers.remove(image)
    other = viewer.add_image(PIXELS[:20], name="cells")
    assert partner(other, viewer.layers) is None
    other.name = "another"
    again = viewer.add_image(PIXELS, name="cells")
    again.name = "renamed"
    assert partner(again, viewer.layers) is None
    again.name = "cells"
    assert partner(again, viewer.layers) is objects
    again.name = "renamed"
    assert partner(again, viewer.layers) is objects


def test_another_image_of_the_name_does_not_get_the_annotation(viewer):
    objects = add_annotation(viewer, viewer.add_image(PIXELS, name="cells"))
    viewer.layers.remove("cells")
    other = viewer.add_image(PIXELS + 1, name="cells")
    assert partner(other, viewer.layers) is None
    with pytest.raises(UserError, match="another image that was called “cells”"):
        other_place(other, objects)


def test_marks_and_a_weight_map_belong_to_the_objects(viewer):
    image = viewer.add_image(PIXELS, name="cells")
    objects = add_annotation(viewer, image)
    weight = viewer.add_image(np.ones(PIXELS.shape), name="weight map")
    weight.metadata[WEIGHTS] = WeightMapState(ref(objects), complete=True)
    assert part_notes(image, objects, weight) == []
    other = add_annotation(viewer, image)
    (told,) = part_notes(image, other, weight)
    assert told.text == f"“weight map” was made for “{objects.name}” and not for “{other.name}”."
    weight.translate = 0, 9
    marks = objects.metadata[ANNOTATION].marks
    marks.affine = np.array([[1, 0, 3], [0, 1, 0], [0, 0, 1]])
    texts = [each.text for each in part_notes(image, objects, weight)]
    assert texts == [
        f"“{name}” lies elsewhere than “{objects.name}”: it is moved by {moved} pixels."
        for name, moved in ((marks.name, "3 × 0"), ("weight map", "0 × 9"))
    ]


def test_what_a_model_has_found_is_told_until_somebody_corrects_it(viewer):
    image = viewer.add_image(PIXELS, name="cells")
    found = viewer.add_labels(PIXELS.copy(), name="found")
    found.metadata[MADE] = {"role": "instances", "made": Provenance()}
    watch_edits(viewer, found)
    (told,) = part_notes(image, found, None)
    assert told.text == "“found” is what a model has found, with all its mistakes."
    found.paint((5, 5), 1)
    assert part_notes(image, found, None) == []


def test_labels_of_the_shape_are_told_apart_by_what_they_are_called(viewer):
    images = [viewer.add_image(PIXELS, name=name) for name in ("a", "b")]
    drawn = [viewer.add_labels(PIXELS, name=f"{name} objects") for name in ("a", "b")]
    assert [partner(image, viewer.layers) for image in images] == drawn
    drawn[1].name = "later"
    assert partner(images[1], viewer.layers) is drawn[1]


def test_a_weight_map_is_not_learnt_from(viewer):
    cells = viewer.add_image(PIXELS, name="cells")
    weights = viewer.add_image(PIXELS, name="cells weight map")
    assert obvious_image(viewer.layers, weights, None) is cells


def test_copied_layers_are_found_under_their_name_of_then(viewer):
    image, labels = viewer.add_image(PIXELS, name="cells"), viewer.add_labels(PIXELS)
    copied = CopiedLayers()
    copied.add("cells", image, labels)
    image.name = "renamed"
    assert copied.find("cells") == (image, labels)
    assert copied.find("renamed") is None


def test_labels_called_after_another_image_are_not_learnt_from(viewer):
    first, second = (viewer.add_image(PIXELS + n, name=f"set{n}") for n in (2, 21))
    labels = viewer.add_labels(PIXELS, name="set21 labels")
    assert partner(second, viewer.layers) is labels
    assert partner(first, viewer.layers) is None
    assert obvious_image(viewer.layers, None, None) is second
    labels.name = "set2 [1]"
    assert partner(first, viewer.layers) is labels
    assert partner(second, viewer.layers) is None


def test_labels_of_one_pair_are_not_those_of_the_next(viewer):
    first, second = (viewer.add_image(PIXELS + n, name=name) for n, name in enumerate("ab"))
    labels = viewer.add_labels(PIXELS, name="drawn")
    assert partner(first, viewer.layers) is partner(second, viewer.layers) is labels
    assert partner(second, viewer.layers, [first, labels]) is None
