"""Annotated images become a training that can begin, or are told what keeps it from that."""

from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import ModelConfig, NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.model import load_model
from napari_unet.nn.training.prepare import prepare
from napari_unet.nn.training.train import train
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from shapes import make_image, make_labels

SHAPE = ModelConfig(features=2, depth=2)
QUICK = TrainConfig(epochs=1, steps=1, batch=2)


@pytest.fixture
def annotated():
    """Three pictures with pixels of 0.5 x 0.25 µm, annotated everywhere."""
    labels = [np.roll(make_labels(2), 3 * seed, axis=0) for seed in range(3)]
    return [
        AnnotatedImage(
            str(seed), make_image(each, seed)[np.newaxis], "CYX", Annotation(each), (0.5, 0.25)
        )
        for seed, each in enumerate(labels)
    ]


def test_it_is_trained_as_it_was_prepared(tmp_path, annotated):
    ready = prepare(annotated, RunConfig(model=SHAPE, train=QUICK, name="mine"))
    assert not [finding for finding in ready.findings if finding.level == "error"]
    assert [sample.name for sample in ready.samples] == ["0", "1", "2"]
    assert ready.config.targets.spacing == pytest.approx(annotated[0].voxel(2))
    assert ready.config.train != QUICK  # patch, batch and zoom follow the data
    create_run(tmp_path / "run", ready.samples, ready.config)
    assert load_model(train(tmp_path / "run").model).name == "mine"


def test_what_the_user_settles_stays(annotated, small_model):
    base = RunConfig(start_from=str(small_model), train=QUICK, normalize=NormalizeConfig(low=7))
    ready = prepare(annotated, base, ["nucleus"], ["patch", "batch", "zoom", "low"])
    assert ready.config.train == QUICK
    assert ready.config.normalize.low == 7
    assert ready.config.model == SHAPE.replace(classes=("nucleus",))


def test_classes_are_learnt_from_a_model_with_height(annotated, small_model):
    base = RunConfig(model=SHAPE.replace(height=False), semantic=True, start_from=str(small_model))
    model = prepare(annotated, base).config.model
    assert model == SHAPE.replace(height=False, classes=model.classes)


@pytest.mark.parametrize("semantic", [False, True])
@pytest.mark.parametrize("others", ["none", "blank"])
def test_images_that_are_all_kept_for_validation_leave_no_training(annotated, semantic, others):
    kept = [replace(each, validation=True) for each in annotated]
    if others == "blank":
        labels = annotated[0].annotation.instances
        nothing = Annotation(labels, np.full(labels.shape, 2, np.uint8))
        kept.append(replace(annotated[0], name="more", annotation=nothing))
    base = RunConfig(model=SHAPE.replace(height=not semantic), semantic=semantic)
    ready = prepare(kept, base)
    assert ready.config is None
    (error,) = [each for each in ready.findings if each.level == "error"]
    assert error.text.startswith("Every image is kept for validation")


def test_colour_among_grey_images_is_told_by_what_the_others_have(annotated):
    one = annotated[1]
    colour = replace(one, image=np.repeat(one.image, 3, axis=0))
    ready = prepare([annotated[0], colour, annotated[2]], RunConfig(model=SHAPE))
    (error,) = [each for each in ready.findings if each.level == "error"]
    assert (error.name, error.text) == ("1", "The image has 3 channels, but others have 1.")


def test_an_error_in_the_annotations_leaves_no_training(annotated):
    empty = Annotation(np.zeros_like(annotated[0].annotation.instances))
    nothing = [AnnotatedImage("a", annotated[0].image, "CYX", empty)]
    found = prepare(nothing, RunConfig(model=SHAPE))
    assert found.config is None
    with pytest.raises(UserError, match="No objects are painted"):
        found.settled()


def test_each_image_that_does_not_fit_is_named(annotated):
    many = np.concatenate([annotated[0].image] * 3)
    coloured = [replace(each, image=many) for each in annotated]
    found = prepare(coloured, RunConfig(model=SHAPE.replace(in_channels=2)))
    errors = [each.name for each in found.findings if each.level == "error"]
    assert errors == ["0", "1", "2"]
    with pytest.raises(UserError, match=r"^0: .*3 channels"):
        found.settled()


def test_each_class_has_a_name(annotated):
    several = [
        replace(each, annotation=replace(each.annotation, classes={2: 3}), validation=kept)
        for each, kept in zip(annotated, (False, False, True), strict=True)
    ]
    base = RunConfig(model=SHAPE)
    assert prepare(several, base).config.model.classes == ("object", "class 2", "class 3")
    with pytest.raises(UserError, match=r"class 3, but only 2 are named \(a, b\)"):
        prepare(several, base, ["a", "b"])
    named = [
        replace(each, annotation=replace(each.annotation, class_names=names))
        for each, names in zip(several, (("object",), ("a", "b"), ()), strict=True)
    ]
    assert prepare(named, base).config.model.classes == ("a", "b", "class 3")
    assert prepare(named, base, list("xyz")).config.model.classes == ("x", "y", "z")


def test_what_is_only_validated_on_plans_nothing(annotated):
    large = np.kron(make_labels(2), np.ones((4, 4), int))
    image = make_image(large)[np.newaxis]
    validating = AnnotatedImage("large", image, "CYX", Annotation(large), validation=True)
    with_it = prepare([*annotated, validating], RunConfig(model=SHAPE)).config
    assert with_it.train == prepare(annotated, RunConfig(model=SHAPE)).config.train


def test_a_number_that_is_to_be_ignored_is_no_object(annotated):
    labels = annotated[0].annotation.instances.copy()
    labels[:10] = 9
    marked = [replace(annotated[0], annotation=Annotation(labels)), *annotated[1:]]
    ready = prepare(marked, RunConfig(model=SHAPE, ignore=9))
    assert "6 objects in 3 images" in " ".join(finding.text for finding in ready.findings)
    assert ready.samples[0].ignored[:10].all()
    assert not ready.samples[0].labels[:10].any()


def test_class_images_of_which_nothing_counts_are_refused(annotated):
    nothing = np.full(annotated[0].annotation.instances.shape, 255, np.uint8)
    images = [replace(annotated[0], annotation=Annotation(nothing))]
    base = RunConfig(model=SHAPE.replace(height=False), semantic=True)
    with pytest.raises(UserError, match="Nothing is annotated"):
        prepare(images, base).settled()


def test_no_image_is_told():
    with pytest.raises(UserError, match="no image to learn from"):
        prepare([])


class ReadOnDemand:
    """An image that counts how often it is read."""

    def __init__(self, pixels):
        self.pixels, self.reads = pixels, 0
        self.shape, self.dtype, self.ndim = pixels.shape, pixels.dtype, pixels.ndim

    def __getitem__(self, where):
        self.reads += 1
        return self.pixels[where]


def test_an_image_is_looked_at_once_whatever_patch_is_chosen(annotated):
    def reads(settled):
        image = ReadOnDemand(annotated[0].image)
        first = AnnotatedImage("lazy", image, "CYX", annotated[0].annotation)
        ready = prepare(
            [first, *annotated[1:]], RunConfig(model=SHAPE, train=QUICK), settled=settled
        )
        return image.reads, ready.config.train.patch != QUICK.patch

    (settled, same), (chosen, other) = reads(["patch"]), reads([])
    assert not same
    assert other
    assert settled == chosen


def test_too_few_objects_to_hold_any_out_is_said_first(annotated):
    one = annotated[0]
    labels = one.annotation.instances
    few = np.where(labels == np.unique(labels)[1], labels, 0)
    found = prepare([replace(one, annotation=Annotation(few))], RunConfig(model=SHAPE)).findings
    assert found[0].text == (
        "Paint 3 more objects, so that a part can be held out: else nobody can say how good it "
        "gets."
    )
    assert not [each for each in found if "is held out to measure" in each.text]
    many = np.zeros_like(labels)
    for number, (top, left) in enumerate(np.argwhere(labels[::8, ::8] >= 0) * 8, 1):
        many[top : top + 6, left : left + 6] = number
    found = prepare([replace(one, annotation=Annotation(many))], RunConfig(model=SHAPE)).findings
    assert not [each for each in found if "more object" in each.text]


def test_classes_are_matched_by_name(annotated):
    named = [
        replace(each, annotation=replace(each.annotation, classes={2: 2}, class_names=names))
        for each, names in zip(
            annotated, (("odd", "even"), ("even", "odd"), ("even", "third")), strict=True
        )
    ]
    ready = prepare(named, RunConfig(model=SHAPE))
    assert ready.config.model.classes == ("odd", "even", "third")
    assert [dict(sample.classes) for sample in ready.samples] == [
        {2: 2},
        {1: 2, 2: 1},
        {1: 2, 2: 3},
    ]


def test_a_weight_map_from_a_layer_is_checked(annotated):
    weight = np.full(annotated[0].annotation.instances.shape, np.inf, np.float32)
    wrong = replace(annotated[0], annotation=replace(annotated[0].annotation, weight=weight))
    with pytest.raises(UserError, match=r"^0: The weight map holds NaN or infinity"):
        prepare([wrong, *annotated[1:]], RunConfig(model=SHAPE)).settled()


def test_an_image_that_is_there_twice_is_told(annotated):
    twice = [*annotated, replace(annotated[0], name="copy")]
    ready = prepare(twice, RunConfig(model=SHAPE, train=QUICK))
    assert any("“0” and “copy” show the same pixels" in each.text for each in ready.findings)
