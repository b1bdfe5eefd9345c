"""The check before a training: what is wrong is found, and what is right is left alone."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from napari_unet.core.annotation.annotation import BACKGROUND, IGNORED, AnnotatedImage, Annotation
from napari_unet.core.review.review import all_findings, look_at, review
from napari_unet.io.bundled import load_sample
from shapes import make_image, make_labels


def annotated(labels, name="a", seed=0, **parts):
    """An image of labels, with its annotation."""
    image = make_image(np.asarray(labels), seed)
    axes = "ZYX"[-image.ndim :]
    kept = {key: parts.pop(key) for key in ("spacing", "validation") if key in parts}
    return AnnotatedImage(name, image, axes, Annotation(labels, **parts), **kept)


def found(images, words, **options):
    """The findings that hold some words."""
    options = {"ndim": images[0].annotation.instances.ndim} | options
    return [finding for finding in review(images, **options) if words in finding.text]


def alone(images, words, **options):
    """The only finding that holds some words."""
    (finding,) = found(images, words, **options)
    return finding


@pytest.fixture
def three(labels):
    """Three different images with nothing wrong."""
    return [annotated(np.roll(labels, 3 * n, axis=-1), name, n) for n, name in enumerate("abc")]


def test_sound_images_get_no_warning(three, ndim):
    findings = review(three, ndim)
    assert {finding.level for finding in findings} == {"info"}
    assert findings[0].text.startswith("6 objects in 3 images, typically 1")
    assert [f.text for f in findings[1:]] == ["2 objects; 100 % of the pixels are annotated."] * 3


def test_images_in_which_nothing_is_annotated_are_not_counted(three, labels, ndim):
    empty = [
        annotated(np.zeros_like(labels), name, marks=np.full_like(labels, IGNORED)) for name in "xy"
    ]
    (first,) = found([*three[:1], *empty[:1]], "objects in", ndim=ndim)
    assert first.text.startswith("2 objects in 1 image, typically ")
    assert first.text.endswith(" across. “x” is left out, for nothing is annotated in it.")
    (first,) = found([*three, *empty], "objects in", ndim=ndim)
    assert first.text.startswith("6 objects in 3 images, ")
    assert first.text.endswith("2 images are left out, for nothing is annotated in them.")


@pytest.mark.parametrize("patch", [4, 8, 192])
def test_one_look_serves_every_size_of_patch(three, ndim, patch):
    facts = [look_at(each, ndim) for each in three]
    assert all_findings(facts, patch) == review(three, ndim, patch)


def test_errors_come_first(three, ndim):
    labels = three[0].annotation.instances.copy()
    labels[..., 0, 0] = 9
    broken = annotated(labels.astype(float), "broken")
    levels = [
        finding.level for finding in review([annotated(labels, "d", 7), broken, *three], ndim)
    ]
    assert levels == sorted(levels, key=["error", "warning", "info"].index)
    assert set(levels) == {"error", "warning", "info"}


def test_object_in_several_pieces(labels):
    labels[..., 2:4, 40:44] = 1
    finding = alone([annotated(labels)], "several pieces")
    assert finding.level == "warning"
    assert "number 1" in finding.text
    assert finding.where[-2] in (2, 3)
    assert 40 <= finding.where[-1] < 44


def test_same_number_in_two_planes_is_two_objects_for_flat_networks():
    labels = np.stack([make_labels(2)] * 2)
    image = annotated(labels)
    assert not found([image], "several pieces", ndim=2)
    assert "4 objects" in review([image], 2)[0].text


def test_touching_objects_are_told(labels, ndim):
    labels[...] = 0
    labels[(slice(2, 6),) * ndim] = 1
    labels[(slice(6, 9),) * ndim] = 2
    finding = alone([annotated(labels)], "touch")
    assert finding.level == "info"
    assert finding.text == "1 pair of objects touches."
    assert finding.where in {(5,) * ndim, (6,) * ndim}


def test_object_larger_than_a_patch(labels, ndim):
    finding = alone([annotated(labels)], "larger than a training patch of 8 pixels", patch=8)
    assert "2 objects are" in finding.text
    assert labels[finding.where] > 0
    assert not found([annotated(labels)], "larger than", patch=12)


def test_specks(labels):
    speck = (0,) * (labels.ndim - 2) + (2, slice(2, 5))
    labels[speck] = 3
    finding = alone([annotated(labels)], "smaller than")
    assert "number 3" in finding.text
    assert labels[finding.where] == 3


def test_objects_without_weight(labels):
    weight = np.where(labels == 2, 0, 1).astype(np.float32)
    finding = alone([annotated(labels, weight=weight)], "without weight")
    assert finding.level == "warning"
    assert "1 object is without weight" in finding.text
    assert "number 2" in finding.text
    assert labels[finding.where] == 2
    weight[labels == 2] = np.arange(np.count_nonzero(labels == 2)) % 2
    assert not found([annotated(labels, weight=weight)], "without weight")
    assert not found([annotated(labels)], "without weight")


def test_images_that_look_alike(three):
    again = AnnotatedImage("again", three[0].image, three[0].axes, three[0].annotation)
    assert "a and again are the same picture" in alone([*three, again], "picture").text
    noisy = AnnotatedImage("noisy", three[0].image + 1, three[0].axes, three[0].annotation)
    assert "a and noisy are nearly the same" in alone([*three, noisy], "picture").text


def test_unpainted_object_is_found(labels):
    image = make_image(labels)
    axes = "ZYX"[-labels.ndim :]
    painted = np.where(labels == 2, 0, labels)
    dense = AnnotatedImage("a", image, axes, Annotation(painted))
    assert labels[alone([dense], "not painted").where] == 2
    inverted = AnnotatedImage("a", 255 - image, axes, Annotation(painted))
    assert labels[alone([inverted], "not painted").where] == 2
    half = np.array([[[0] * labels.ndim, [*labels.shape[:-1], labels.shape[-1] // 2]]])
    boxed = AnnotatedImage("a", image, axes, Annotation(painted, boxes=half))
    assert not found([boxed], "not painted")
    whole = np.array([[[0] * labels.ndim, labels.shape]])
    boxed = AnnotatedImage("a", image, axes, Annotation(painted, boxes=whole))
    assert "inside the training rectangles" in alone([boxed], "not painted").text


@pytest.mark.parametrize(("sample", "ndim"), [("nuclei2d", 2), ("tissue_rgb", 2), ("nuclei3d", 3)])
def test_nothing_is_wrong_with_the_samples(sample, ndim):
    image, labels = load_sample(sample)
    whole = AnnotatedImage(sample, image.data, image.axes, Annotation(labels.data), image.spacing)
    assert {finding.level for finding in review([whole], ndim)} == {"info"}


def test_no_background(labels):
    strokes = Annotation(labels, marks=np.zeros(labels.shape, np.uint8))
    image = AnnotatedImage("a", make_image(labels), "ZYX"[-labels.ndim :], strokes)
    assert alone([image], "marked as background").level == "error"
    marks = np.where(np.indices(labels.shape)[0] == 0, BACKGROUND, 0).astype(np.uint8)
    marked = AnnotatedImage("a", image.image, image.axes, Annotation(labels, marks=marks))
    assert not found([marked], "marked as background")


def test_nothing_painted(labels, ndim):
    blank = annotated(np.zeros_like(labels))
    findings = review([blank], ndim)
    assert findings[0].level == "error"
    assert findings[0].text == "No objects are painted."
    ignored = annotated(labels * 0, "b", marks=np.full(labels.shape, IGNORED, np.uint8))
    assert "left out" in alone([ignored], "Nothing is annotated").text


def test_objects_that_are_all_ignored(labels, ndim):
    ignored = annotated(labels, marks=np.full(labels.shape, IGNORED, np.uint8))
    first, second = review([ignored], ndim)
    assert (first.level, first.text[:41]) == ("error", "Objects are painted, but all of them are ")
    assert "Take the ignored marks off" in first.advice
    assert second.text == "All that is painted is ignored, so the image is left out."


def test_class_that_was_never_painted(three):
    names = ("alive", "dead")
    assert "“dead”" in alone(three, "No object to learn from has the class", class_names=names).text
    assert "None to learn from has the class “dead”." in review(three, class_names=names)[1].text
    labels = three[0].annotation.instances
    two = annotated(labels, "d", 9, classes={1: 2})
    assert not found([*three, two], "No object to learn from has the class", class_names=names)
    assert alone([two], "1 alive, 1 dead", class_names=names).name == "d"
    held_out = replace(two, validation=True)
    assert alone([*three, held_out], "No object to learn from has", class_names=names)


def test_nothing_painted_where_the_figures_come_from(three, ndim):
    blank = replace(annotated(np.zeros_like(three[0].annotation.instances), "e"), validation=True)
    assert alone([*three, blank], "nobody can say how good", ndim=ndim).level == "warning"
    held_out = replace(three[0], validation=True)
    assert not found([*three[1:], held_out, blank], "nobody can say how good", ndim=ndim)


@pytest.mark.parametrize(
    ("change", "words"), [(np.float32, "decimal"), (lambda x: -x.astype(int), "negative")]
)
def test_numbers_that_are_no_labels(three, change, words):
    bad = AnnotatedImage(
        "bad", three[0].image, three[0].axes, Annotation(change(three[0].annotation.instances))
    )
    finding = alone([*three, bad], words)
    assert (finding.level, finding.name) == ("error", "bad")


def test_sizes_that_do_not_match(three):
    spaced = [
        annotated(three[0].annotation.instances, "s", 3, spacing=(1.0,) * three[0].image.ndim)
    ]
    spaced += [
        annotated(three[1].annotation.instances, "t", 4, spacing=(1.1,) * three[0].image.ndim)
    ]
    assert "one of t 1.1 µm" in alone(spaced, "A pixel of s is 1 µm wide").text
    close = AnnotatedImage(
        "u", spaced[1].image, spaced[1].axes, spaced[1].annotation, (1.04,) * three[0].image.ndim
    )
    assert not found([spaced[0], close], "A pixel of")
    large = three[0].annotation.instances.copy()
    large[...] = 1
    large[..., 0] = 0
    assert "Objects in a are about 1" in alone([three[0], annotated(large, "L")], "across, in").text


def test_the_width_of_a_pixel_is_along_x_in_every_order_of_axes(three, ndim):
    instances, sizes = three[0].annotation.instances, (3.0,) * (ndim - 1) + (1.0,)
    one = annotated(instances, "one", spacing=sizes)
    turned = AnnotatedImage(
        "turned", one.image.T, one.axes[::-1], Annotation(instances.T), sizes[::-1]
    )
    assert not found([one, turned], "µm wide")


def test_voxels_of_another_shape(three, ndim):
    one = annotated(three[0].annotation.instances, "one", 3, spacing=(1.0,) * ndim)
    other = annotated(
        three[1].annotation.instances, "other", 4, spacing=(3.0,) + (1.0,) * (ndim - 1)
    )
    said = found([one, other], "times as deep as it is wide and one of other 3 times")
    assert [finding.level for finding in said] == ["warning"] * (ndim == 3)
    assert not found([other, other], "times as deep", ndim=ndim)


def test_channels_and_kinds_of_numbers_that_do_not_match(three):
    first = three[0]
    colour = AnnotatedImage("rgb", np.stack([first.image] * 3), "C" + first.axes, first.annotation)
    assert alone([*three, colour], "3 channels").level == "error"
    wide = AnnotatedImage("w", first.image.astype(np.uint16) * 9, first.axes, first.annotation)
    assert alone([*three, wide], "uint16 values").level == "info"


def test_numbers_that_cannot_go_on(labels):
    labels[labels == 2] = 255
    finding = alone([annotated(labels.astype(np.uint8))], "numbered 255")
    assert (finding.level, finding.name) == ("warning", "a")
    assert labels[finding.where] == 255
    assert not found([annotated(labels.astype(np.uint16))], "numbered")


def test_nothing_to_learn_from(labels):
    kept = annotated(labels, validation=True)
    assert alone([kept], "none to learn from").level == "error"


def test_plane_is_refused_by_a_network_for_volumes():
    assert alone([annotated(make_labels(2))], "no Z axis", ndim=3).level == "error"


def test_many_objects_cost_no_look_at_the_whole_image_each():
    """Objects are told by their number: 2,000 are as quick as 20."""
    labels = np.zeros((512, 512), np.uint32)
    labels[::11, ::11] = np.arange(1, 47 * 47 + 1).reshape(47, 47) * 1000
    labels[1::11, ::11] = labels[::11, ::11]
    finding = alone([annotated(labels)], "smaller than")
    assert finding.text.startswith("2,209 objects are smaller than 5 pixels")


def test_many_pieces_of_one_number_are_a_mask():
    labels = np.zeros((24, 40), np.uint8)
    for start in (2, 15, 28):
        labels[4:12, start : start + 8] = 1
    findings = review([annotated(labels)])
    assert findings[0].level == "error"
    told = "The annotation has one number only, 1, in 3 pieces: it is a mask"
    assert findings[0].text.startswith(told)
    assert not any("in several pieces" in finding.text for finding in findings)
    painted = review([annotated(labels, class_names=("object",))])
    assert [each.level for each in painted if each.text.startswith(told)] == ["warning"]
    labels[:, 15:] = np.eye(24, 25, dtype=np.uint8) * (np.arange(25) % 8 == 0)
    assert alone([annotated(labels)], "in several pieces").level == "warning"


def many(number, pieces):
    """Squares of one number in a row of 16 pixels."""
    row = np.zeros((16, 200), np.uint8)
    for piece in range(pieces):
        row[4:12, 4 + 14 * piece : 12 + 14 * piece] = number
    return row


def test_numbers_in_many_pieces_are_classes():
    labels = np.vstack([many(1, 12), many(2, 3), many(3, 12)])
    findings = review([annotated(labels)])
    assert findings[0].level == "error"
    assert findings[0].text.startswith("The annotation has the numbers 1, 2, 3 only, and most of")
    assert findings[0].text.endswith("or take the numbers for classes.")
    painted = review([annotated(labels, class_names=("object",))])
    assert not any(each.level == "error" for each in painted)
    few = np.vstack([many(1, 3), many(2, 3)])
    assert not any("classes, not" in each.text for each in review([annotated(few)]))


def test_255_in_a_class_image_is_named():
    labels = np.vstack([many(1, 4), many(2, 3), many(255, 1)])
    first = review([annotated(labels)])[0]
    assert first.level == "error"
    assert "255 means “ignored”" in first.text
    assert first.text.endswith("or take the numbers for classes.")


def test_255_beside_low_numbers_of_objects_is_named():
    labels = np.vstack([many(1, 1), many(2, 1), many(255, 1)])
    assert alone([annotated(labels)], "Number 255 stands beside").level == "warning"
    labels[labels == 2] = 200
    assert not found([annotated(labels)], "Number 255 stands beside")


def test_the_reason_why_an_image_cannot_be_used_is_the_first(ndim, labels):
    broken = annotated(labels)
    image = broken.image.astype(np.float32)
    image.flat[5] = np.nan
    broken = replace(broken, image=image)
    (first, *_) = review([broken], ndim)
    assert "NaN" in first.text
    assert not found([broken], "No objects are painted", ndim=ndim)
    sound = annotated(labels * 0, "b")
    assert not [
        each
        for each in review([broken, sound], ndim)
        if each.text[:10] == "No objects" and not each.name
    ]
    assert found([annotated(labels), broken], "2 objects in 1 image", ndim=ndim)


def test_images_and_labels_that_are_mixed_up():
    image, labels = (each.data[0] for each in load_sample("nuclei2d"))
    swapped = AnnotatedImage("a", labels, "YX", Annotation(image))
    assert "The annotation looks like a grey image" in review([swapped])[0].text
    twice = AnnotatedImage("a", labels, "YX", Annotation(labels))
    assert alone([twice], "The image looks like labels").level == "warning"


def background_as_an_object(labels):
    """Objects of 3 and more, and the background of 1."""
    labels[..., 2:6, -6:-2] = 7
    return labels + 1


def test_background_that_is_an_object(labels, ndim):
    everything = background_as_an_object(labels)
    finding = alone([annotated(everything)], "Object 1 lies around all else")
    assert (finding.level, finding.name) == ("error", "a")
    assert everything[finding.where] == 1
    assert not found([annotated(everything)], "Nothing is marked")
    everything[..., 0, 0] = 0
    assert alone([annotated(everything)], "Object 1 lies around all else").level == "warning"
    assert not found([annotated(labels)], "lies around")


def test_background_and_objects_that_are_exchanged(labels):
    inverted = np.where(background_as_an_object(labels) == 1, 255, 0).astype(np.uint8)
    first, *others = review([annotated(inverted)], labels.ndim)
    assert first.level == "warning"
    assert first.text == "Object 255 lies around all else, as the background does."
    assert first.advice.startswith("Background and objects seem to be exchanged")
    assert {each.level for each in others} == {"info"}


def test_objects_of_which_only_outlines_are_painted(labels, ndim):
    rings = labels.copy()
    rings[ndimage.binary_erosion(labels > 0, np.ones((3,) * ndim))] = 0
    finding = alone([annotated(rings)], "hollow")
    assert finding.text.startswith("2 objects are hollow")
    assert rings[finding.where] > 0
    assert not found([annotated(labels)], "hollow")
    inside = np.where((labels > 0) & (rings == 0), IGNORED, BACKGROUND).astype(np.uint8)
    assert not found([annotated(rings, marks=inside)], "hollow")


@pytest.mark.parametrize(("axes", "noun"), [("ZYX", "plane"), ("TYX", "frame")])
def test_planes_on_which_nobody_painted(axes, noun):
    image, labels = (each.data for each in load_sample("nuclei2d"))
    painted = labels.copy()
    painted[1:] = 0
    several = AnnotatedImage("film", image, axes, Annotation(painted))
    finding = alone([several], "look as if they held some", ndim=2)
    assert finding.text.startswith(f"Objects are painted on 1 of 6 {noun}s only")
    assert finding.level == "warning"
    assert finding.where[0] > 0
    assert "out of image and labels" in finding.advice
    told = review([several], 2)[1].text
    assert told.endswith(f"Nothing is painted on 5 {noun}s of “film”.")
