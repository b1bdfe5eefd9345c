"""What is looked at before a training, and refused in a sentence."""

from pathlib import Path
from weakref import ref

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.core.review.finding import Finding
from napari_unet.runs.config import AUTOMATIC
from napari_unet.runs.folder import Run
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.annotate.rectangles import add_planes
from napari_unet.ui.layers.metadata import ANNOTATION, WEIGHTS, WeightMapState
from napari_unet.ui.work.copies import at_once
from trainings import LONG, folder_of


def test_only_weight_maps_are_weights(viewer, dock, nuclei, painted):
    for name in "ab":
        viewer.add_image(nuclei, name=name)
        viewer.add_labels(painted, name=f"{name} labels")
    weights = viewer.add_image(np.ones(nuclei.shape, np.float32), name="a weights")
    pair = dock().form.pairs.pairs[0]
    pair.image.value = viewer.layers["a"]
    assert pair.weight.choices == (None, weights)
    pair.weight.value = weights
    pair.image.value = viewer.layers["b"]
    assert pair.weight.value is None
    assert pair.labels.value is viewer.layers["b labels"]


def nothing(viewer, nuclei):
    pass


def no_annotation(viewer, nuclei):
    viewer.add_image(nuclei[0], name="cells")


def empty_annotation(viewer, nuclei):
    add_annotation(viewer, viewer.add_image(nuclei[0], name="cells"))


def another_shape(viewer, nuclei):
    viewer.add_image(nuclei[0], name="cells")
    viewer.add_labels(np.ones((50, 60), int), name="cells objects")


def no_objects(viewer, nuclei):
    viewer.add_image(nuclei[0], name="cells")
    viewer.add_labels(np.zeros(nuclei[0].shape, int), name="cells objects")


def a_constant_image(viewer, nuclei):
    viewer.add_image(np.full((64, 64), 7), name="cells", contrast_limits=(0, 9))
    viewer.add_labels(np.eye(64, dtype=int), name="cells objects")


BAD = {
    nothing: "choose one under Image",
    no_annotation: "Annotate widget",
    empty_annotation: "No objects are painted",
    another_shape: "50 × 60",
    no_objects: "No objects are painted",
    a_constant_image: "same value",
}


@pytest.mark.parametrize(("prepare", "words"), BAD.items(), ids=[bad.__name__ for bad in BAD])
def test_bad_input_is_refused_in_one_sentence(
    viewer, dock, nuclei, click, finish, said, home, prepare, words
):
    prepare(viewer, nuclei)
    widget = dock()
    click(widget.button)
    finish(widget)
    assert len(said) == 1
    assert words in said[0]
    assert not (home / "runs").exists()
    assert widget.button.isEnabled()
    assert not widget.form.setup.isHidden()


def test_an_empty_annotation_among_others_is_left_out(
    viewer, finetune, nuclei, click, finish, said, home
):
    empty = viewer.add_image(nuclei[0], name="empty")
    add_annotation(viewer, empty)
    finetune.form.pairs.add_pair()
    assert {image.name for image, _ in finetune.form.pairs.layers()} == {"cells", "empty"}
    click(finetune.button)
    finish(finetune)
    assert not said
    assert {sample.name for sample in Run(folder_of(home)).samples()} == {"cells 0", "cells 1"}


def test_what_the_check_meets_stands_in_its_line(viewer, dock, nuclei, painted, qtbot, said):
    """Nobody has asked for it, so no message pops up."""
    viewer.add_image(nuclei, name="cells")
    broken = viewer.add_labels(painted[:1], name="cells objects")
    widget = dock()
    words = widget.form.check.words
    qtbot.waitUntil(lambda: "made for this image" in words.text(), timeout=LONG)
    viewer.layers.remove(broken)
    viewer.add_labels(painted, name="cells objects")
    widget.form.pairs.add_folder(Path("nowhere"))
    qtbot.waitUntil(lambda: "no folder of annotations" in words.text(), timeout=LONG)
    assert not said


def test_what_is_refused_is_said_once(viewer, dock, nuclei, click, finish, qtbot):
    viewer.add_image(nuclei[0], name="cells")
    widget = dock()
    words = widget.form.check.words
    qtbot.waitUntil(lambda: "has no annotation" in words.text(), timeout=LONG)
    click(widget.button)
    finish(widget)
    assert "has no annotation" in widget.error.text()
    qtbot.waitUntil(lambda: not words.text(), timeout=LONG)


def test_a_refusal_ends_with_its_cause(viewer, dock, nuclei, click, finish, qtbot):
    objects = add_annotation(viewer, viewer.add_image(nuclei[0], name="cells"))
    widget = dock()
    form, words = widget.form, widget.form.check.words
    click(widget.button)
    finish(widget)
    assert "No objects are painted" in form.error.text()
    assert form.state.isHidden()
    qtbot.waitUntil(words.isHidden, timeout=LONG)
    objects.paint((20, 20), 1)
    assert form.error.text() == ""
    qtbot.waitUntil(lambda: "Nothing is marked as background" in words.text(), timeout=LONG)
    assert words.isVisible()


def test_what_was_painted_during_the_check_is_not_refused(viewer, dock, nuclei, click, finish):
    objects = add_annotation(viewer, viewer.add_image(nuclei[0], name="cells"))
    widget = dock()
    click(widget.button)
    assert widget.running
    objects.paint((20, 20), 1)
    finish(widget)
    assert widget.form.error.text() == ""


def test_findings_name_a_layer_as_it_is_called_now(viewer, finetune, cells, qtbot):
    listed = finetune.form.check.findings

    def says(text):
        found = [listed.item(row).text() for row in range(listed.count())]
        return any(text in each for each in found)

    qtbot.waitUntil(lambda: says("cells"), timeout=LONG)
    cells[0].name = "renamed"
    qtbot.waitUntil(lambda: says("renamed") and not says("cells"), timeout=LONG)


def test_a_weight_map_of_the_view_alone_is_refused(viewer, finetune, cells, click, finish, said):
    part = viewer.add_image(np.ones(cells[1].data.shape, np.float32), name="drawn weight map")
    part.metadata[WEIGHTS] = WeightMapState(ref(cells[1]))
    pair = finetune.form.pairs.pairs[0]
    pair.weight.value = part
    click(finetune.button)
    finish(finetune)
    assert len(said) == 1
    assert "click Apply" in said[0]
    part.metadata[WEIGHTS].complete = True
    assert_array_equal(at_once(pair.copy()).annotation.weight, part.data)


def test_check_leads_to_the_place(viewer, finetune, cells, click, qtbot):
    labels = cells[1]
    number = labels.data.max() + 1
    for row in (2, 80):
        labels.data[1, row : row + 9, 60:69] = number
    check = finetune.form.check

    def places():
        rows = [check.findings.item(row).data(256) for row in range(check.findings.count())]
        return [finding for finding in rows if finding.where is not None]

    finetune.form.changed.emit()
    qtbot.waitUntil(lambda: bool(places()), timeout=LONG)
    assert "objects in" in check.words.text()
    click(check.unfold)
    assert check.findings.isVisible()
    found = places()[0]
    check.findings.chosen.emit(found)
    assert viewer.layers.selection.active is labels
    assert viewer.dims.current_step[0] == found.where[0]


def test_a_line_without_a_place_leads_to_the_layer(viewer, finetune, cells, qtbot):
    qtbot.waitUntil(lambda: "objects in" in finetune.form.check.words.text(), timeout=LONG)
    viewer.layers.selection.active = cells[0]
    for name in ("cells", ""):
        finetune.form.check.findings.chosen.emit(Finding("info", "Something.", name=name))
        assert viewer.layers.selection.active is cells[1]


def test_layers_that_do_not_fit_are_told(viewer, finetune, cells, qtbot):
    findings = finetune.form.check.findings

    def says(text):
        return any(text in findings.item(row).text() for row in range(findings.count()))

    cells[1].scale = (1, 2, 2)
    painted_map = viewer.add_image(np.ones(cells[1].data.shape), name="drawn weight map")
    painted_map.metadata[WEIGHTS] = WeightMapState(ref(cells[1]), complete=True, painted=True)
    finetune.form.changed.emit()
    qtbot.waitUntil(
        lambda: says("has the scale 1 × 2 × 2, and the image 1 × 0.5 × 0.5"), timeout=60_000
    )
    assert says("painted on “drawn weight map”, but it is not used")
    cells[1].scale = painted_map.scale = cells[0].scale
    finetune.form.pairs.pairs[0].weight.value = painted_map
    finetune.form.changed.emit()
    qtbot.waitUntil(lambda: not says("scale"), timeout=60_000)
    assert not says("not used")


def test_the_check_follows_what_is_painted(viewer, dock, nuclei, qtbot):
    objects = add_annotation(viewer, viewer.add_image(nuclei[0], name="cells"))
    words = dock().form.check.words

    def says(text):
        qtbot.waitUntil(lambda: text in words.text(), timeout=LONG)

    says("No objects are painted")
    objects.paint((20, 20), 1)
    says("Nothing is marked as background")
    add_planes(objects.metadata[ANNOTATION].rectangles, objects, [()])
    says("Paint 3 more objects, so that a part can be held out")
    objects.paint((60, 60), 2)
    says("Paint 2 more objects, so that a part can be held out")
    objects.undo()
    says("Paint 3 more objects, so that a part can be held out")


def test_the_check_follows_layers_that_are_moved(viewer, dock, nuclei, qtbot):
    image = viewer.add_image(nuclei[0], name="cells")
    objects = add_annotation(viewer, image)
    objects.paint((20, 20), 1)
    parts = objects.metadata[ANNOTATION]
    add_planes(parts.rectangles, objects, [()])
    check = dock().form.check

    def says(text):
        found = [check.findings.item(row).text() for row in range(check.findings.count())]
        return any(text in each for each in found)

    def follows(text):
        qtbot.waitUntil(lambda: says(text), timeout=LONG)

    follows("1 object; 100 % of the pixels")
    parts.rectangles.translate = (nuclei[0].shape[0] // 2, 0)
    qtbot.waitUntil(lambda: says("1 object;") and not says("100 %"), timeout=LONG)
    parts.marks.visible = False
    parts.marks.translate = (3, 0)
    follows("“cells marks” lies elsewhere than “cells objects”")
    parts.marks.translate = (0, 0)
    qtbot.waitUntil(lambda: not says("lies elsewhere"), timeout=LONG)
    image.visible = False
    image.translate = (0, 5)
    follows("“cells objects” lies elsewhere than “cells”")
    image.data = np.zeros_like(nuclei[0])
    qtbot.waitUntil(lambda: not says("1 object"), timeout=LONG)


def test_the_check_follows_what_is_chosen_under_advanced(finetune, qtbot):
    def hints():
        found = finetune.form.check.findings
        return [found.item(row).text() for row in range(found.count())]

    finetune.form.train.fields["patch"].value = 16
    qtbot.waitUntil(lambda: any("patch of 16 pixels" in hint for hint in hints()), timeout=LONG)
    finetune.form.train.fields["patch"].value = 96
    qtbot.waitUntil(lambda: not any("patch of 16" in hint for hint in hints()), timeout=LONG)


def test_defaults_come_from_the_data_until_changed(finetune, click, qtbot):
    train = finetune.form.train
    finetune.form.reset.click()
    qtbot.waitUntil(lambda: train.value().patch == 96, timeout=LONG)
    train.fields["patch"].value = 64
    finetune.form.changed.emit()
    finetune._before._calm.timeout.emit()
    qtbot.waitUntil(lambda: finetune._before._checks._worker is None, timeout=LONG)
    assert train.value().patch == 64


def test_volumes_are_learnt_from_where_objects_go_through_planes(
    viewer, dock, nuclei, painted, qtbot
):
    image = viewer.add_image(np.repeat(nuclei[:1], 12, 0), axis_labels=("z", "y", "x"))
    annotation = add_annotation(viewer, image)
    annotation.data[2:10] = painted[0]
    add_planes(annotation.metadata[ANNOTATION].rectangles, annotation, np.ndindex(12))
    form = dock().form

    def hints():
        found = form.check.findings
        return [found.item(row).text() for row in range(found.count())]

    form.model.value = AUTOMATIC
    qtbot.waitUntil(lambda: form.extent.value == 3, timeout=LONG)
    assert any("go through 8 planes, so whole volumes are learnt from" in hint for hint in hints())
    assert any("from nuclei-3d or from scratch" in hint for hint in hints())
    form.extent.value = 2
    qtbot.waitUntil(lambda: not any("volumes" in hint for hint in hints()), timeout=LONG)
    assert form.extent.value == 2
    form.reset.click()
    qtbot.waitUntil(lambda: form.extent.value == 3, timeout=LONG)


def test_all_that_is_annotated_is_learnt_from_or_named(viewer, dock, nuclei, painted, qtbot):
    def annotated(name):
        annotation = add_annotation(viewer, viewer.add_image(nuclei[0], name=name))
        annotation.data[:] = painted[0]
        return annotation

    def findings():
        listed = widget.form.check.findings
        return [listed.item(row).text() for row in range(listed.count())]

    def told():
        return [words for words in findings() if "not learnt from" in words]

    first, second = annotated("a"), annotated("b")
    widget = dock()
    assert {pair.labels.value for pair in widget.form.pairs.pairs} == {first, second}
    qtbot.waitUntil(lambda: bool(findings()), timeout=LONG)
    assert not told()
    third = add_annotation(viewer, viewer.add_image(nuclei[0], name="c"))
    third.data_setitem(np.nonzero(painted[0]), 1)
    qtbot.waitUntil(lambda: bool(told()), timeout=LONG)
    assert "“c objects” of this window is not learnt from." in told()[0]
    widget.form.pairs.add_pair()
    assert widget.form.pairs.pairs[-1].labels.value is third
    qtbot.waitUntil(lambda: not told(), timeout=LONG)
