"""What an annotation starts from and takes from is of its own image."""

import numpy as np
import pytest

PIXELS = np.zeros((60, 80), np.uint8)


@pytest.fixture
def results(viewer, annotate):
    """Two images with a result each, which their names tell."""
    for number, name in enumerate("ab"):
        viewer.add_image(PIXELS + number, name=name)
        viewer.add_labels(np.tri(60, 80, dtype=int), name=f"{name} objects (instances)")
    return [viewer.layers[f"{name} objects (instances)"] for name in "ab"]


def test_take_from_follows_the_annotation(viewer, annotate, results, click):
    form, made = annotate.form, []
    for name in "ab":
        form.image.value = viewer.layers[name]
        click(form.create)
        made.append(form.annotation.value)
    for layer, result in ((made[0], results[0]), (made[1], results[1]), (made[0], results[0])):
        form.annotation.value = layer
        assert annotate.session.source is form.result.value is result
    viewer.layers.selection.active = results[1]
    assert form.result.value is results[0]
    form.result.value = results[1]  # by hand
    viewer.layers.remove(results[0])
    form.annotation.value = made[1]
    form.annotation.value = made[0]
    assert annotate.session.source is form.result.value is None
    assert form.take.isVisible()
    viewer.layers.remove(results[1])
    assert not form.take.isVisible()


def test_what_is_taken_from_is_read_beside_the_button_or_asked_for(viewer, annotate, click, said):
    form = annotate.form
    viewer.add_image(PIXELS, name="a")
    result = viewer.add_labels(np.tri(60, 80, dtype=int), name="a objects (instances)")
    click(form.create)
    assert form.result.value is result
    assert form.result.tooltip == "The result whose objects are taken: a objects (instances)."
    assert form.result.native.width() > 1.5 * form.take.width()
    form.result.value = None
    click(form.take)
    assert said == [
        "Nothing is chosen to take objects from: choose a result or other labels beside Take "
        "from, or segment the image first."
    ]
    assert form.result.tooltip == "The result whose objects are taken."


def test_start_from_follows_the_image(viewer, annotate, results):
    form = annotate.form
    form.image.value = viewer.layers["a"]
    assert form.start.value is None
    form.image.value = viewer.layers["b"]
    assert form.start.value is None
    form.start.value = results[1]
    form.image.value = viewer.layers["a"]
    assert form.start.value is results[0]
    drawn = form.start.value = viewer.add_labels(np.zeros((60, 80), int), name="drawn")
    form.image.value = viewer.layers["a"]
    assert form.start.value is drawn
    form.image.value = viewer.layers["b"]
    assert form.start.value is results[1]  # nobody has said that what was drawn is of this image
    viewer.layers.remove(results[0])
    form.image.value = viewer.layers["a"]
    assert form.start.value is None


def test_labels_called_after_an_image_are_not_left_for_another(viewer, annotate, click, said):
    form = annotate.form
    images = [viewer.add_image(PIXELS + each, name=f"set{each}") for each in (2, 21, 5)]
    labels = viewer.add_labels(np.tri(60, 80, dtype=int), name="set21 labels")
    own = viewer.add_labels(np.tri(60, 80, dtype=int), name="set5_mask")
    form.image.value, form.start.value = images[1], labels
    form.image.value = images[0]
    assert form.start.value is None
    form.image.value, form.start.value = images[1], labels
    form.image.value = images[2]
    assert form.start.value is own


def test_labels_of_another_image_are_copied_only_when_asked_twice(
    viewer, annotate, results, click, said, qtbot
):
    form = annotate.form
    form.image.value, form.start.value = viewer.layers["b"], results[0]
    click(form.create)
    assert said == [
        "“a objects (instances)” is of “a”, not of “b”: choose other labels, or click New "
        "annotation once more to copy these all the same."
    ]
    assert annotate.session is None
    click(form.create)
    qtbot.waitUntil(lambda: annotate.session is not None)
    assert annotate.session.layer.name == "b objects"
