"""What is held out: whole stacks where there are two, the end of one where there is one."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from napari_unet.core.train_config import TrainConfig
from napari_unet.runs.hold_out import hold_out_findings, is_part, with_validation
from napari_unet.runs.sample import Sample
from quick_runs import config

CHANCE = np.random.default_rng(0)


def planes(name, count, *classes):
    """Planes of a stack with an object of each class in each."""
    labels = np.zeros((8, 24), np.int32)
    for number, _ in enumerate(classes or (1,), 1):
        labels[2:6, 4 * number : 4 * number + 3] = number
    one = Sample(name, np.zeros(0), labels, classes=dict(enumerate(classes, 1)))
    return [
        replace(one, name=f"{name} {index}", origin=(name, index), image=noise(labels.shape))
        for index in range(2, 2 + count)
    ]


def noise(shape):
    """Pixels as no other image has them."""
    return CHANCE.random((1, *shape))


def held_out(samples, seed=0):
    found = with_validation(samples, config(train=TrainConfig(seed=seed)))
    return [each.name for each in found if each.validation]


@pytest.mark.parametrize("seed", range(5))
def test_a_stack_is_held_out_as_a_whole(seed):
    samples = [*planes("a", 8), *planes("b", 8), *planes("c", 8)]
    kept = held_out(samples, seed)
    assert len(kept) == 8
    assert len({name[0] for name in kept}) == 1
    assert not hold_out_findings(samples, config(train=TrainConfig(seed=seed)))


@pytest.mark.parametrize("seed", range(5))
def test_most_of_all_is_not_held_out(seed):
    assert held_out([*planes("film", 9), *planes("one", 1)], seed) == ["one 2"]


def test_of_the_only_stack_the_end_is_held_out_and_that_flatters():
    samples = planes("film", 20)
    assert held_out(samples) == ["film 19", "film 20", "film 21"]
    (told,) = hold_out_findings(samples, config())
    assert told.level == "warning"
    assert "“film” are held out" in told.text
    assert "flatter" in told.text


def frames(name, count, seed):
    """Files of a film, in which all moves by a pixel from one to the next."""
    chance = np.random.default_rng(seed)
    scene = ndimage.gaussian_filter(chance.random((100, 100)), 4)
    labels = np.zeros((96, 96), np.int32)
    labels[40:50, 40:50] = 1
    return [
        Sample(f"{name} {at}", scene[np.newaxis, at : at + 96, 2:-2], labels) for at in range(count)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_frames_of_a_film_in_files_of_their_own_are_held_out_together(seed):
    samples = [each for name in "abc" for each in frames(name, 4, ord(name))]
    kept = held_out(samples, seed)
    assert len(kept) == 4
    assert len({name[0] for name in kept}) == 1
    assert not hold_out_findings(samples, config(train=TrainConfig(seed=seed)))


def test_of_the_frames_of_one_film_the_last_is_held_out_and_that_flatters():
    samples = frames("film", 5, 0)
    assert held_out(samples) == ["film 4"]
    (told,) = hold_out_findings(samples, config())
    assert told.level == "warning"
    assert told.text.startswith("“film 0” and 4 more images look like one film: the last are held")


def test_other_places_are_no_film():
    samples = [frames(name, 1, ord(name))[0] for name in "abcdef"]
    assert len({tuple(held_out(samples, seed)) for seed in range(9)}) > 1
    assert not hold_out_findings(samples, config())


def test_two_images_of_one_name_are_two():
    samples = [*planes("a", 2), *planes("a", 2)]
    assert len(held_out(samples)) == 2
    assert not hold_out_findings(samples, config())


@pytest.mark.parametrize("seed", range(5))
def test_every_class_is_left_to_learn(seed):
    samples = [*planes("a", 4, 1, 2), *planes("b", 4, 1), *planes("c", 4, 1)]
    assert {name[0] for name in held_out(samples, seed)} < {"b", "c"}


def test_what_somebody_has_decided_needs_no_word():
    samples = planes("film", 4)
    chosen = [*samples[:3], replace(samples[3], validation=True)]
    assert not hold_out_findings(chosen, config())
    assert not hold_out_findings(samples, config(train=TrainConfig(validation=0)))


def test_too_little_is_told():
    (told,) = hold_out_findings(planes("a", 1), config())
    assert "more object" in told.text


def test_an_image_in_which_there_is_nothing_is_no_second_one():
    (full,) = planes("a", 1, *[1] * 6)
    labels = np.concatenate([full.labels, np.where(full.labels, full.labels + 6, 0)], axis=1)
    wide = replace(full, image=noise(labels.shape), labels=labels, classes={})
    nothing = {"image": noise(labels.shape), "labels": 0 * labels}
    blank = replace(wide, name="b", origin=("b", 0), **nothing)
    (told,) = hold_out_findings([wide, blank], config())
    assert "Only one image is annotated" in told.text


def again(samples, **changes):
    """The same samples under another name."""
    return [replace(each, origin=("copy", each.origin[1]), **changes) for each in samples]


@pytest.mark.parametrize("seed", range(5))
def test_an_image_that_is_there_twice_is_not_held_out_and_learnt_from(seed):
    samples = [*planes("a", 1), *planes("b", 1), *planes("c", 1)]
    samples += again(samples[:1])
    found = with_validation(samples, config(train=TrainConfig(seed=seed)))
    assert any(each.validation for each in found)
    assert found[0].validation == found[-1].validation
    (told,) = hold_out_findings(samples, config(train=TrainConfig(seed=seed)))
    assert told.level == "warning"
    assert "“a” and “copy” show the same pixels" in told.text
    assert not hold_out_findings(samples[:-1], config(train=TrainConfig(seed=seed)))


def test_the_end_of_a_stack_that_is_there_twice_is_held_out_of_both():
    stack = planes("film", 4)
    kept = [
        each.origin
        for each in with_validation([*stack, *again(stack)], config())
        if each.validation
    ]
    assert {plane for _, plane in kept} == {5}
    assert {name for name, _ in kept} == {"film", "copy"}


def test_a_part_that_is_held_out_is_not_learnt_from_a_copy_either():
    (one,) = planes("a", 1)
    labels = np.zeros((8, 60), np.int32)
    for number in range(1, 13):
        labels[2:6, 5 * number - 4 : 5 * number - 1] = number
    one = replace(one, image=noise(labels.shape), labels=labels)
    samples = [one, *again([one], labels=np.where(labels == 12, 0, labels))]
    found = with_validation(samples, config())
    kept = np.concatenate([~each.ignored for each in found if each.validation]).any(axis=0)
    learnt = np.concatenate([~each.ignored for each in found if not each.validation]).any(axis=0)
    assert len(found) == 3
    assert kept.any()
    assert learnt.any()
    assert not (kept & learnt).any()
    held, twins = hold_out_findings(samples, config())
    assert "Only one image" in held.text
    assert "show the same pixels" in twins.text


def test_blank_images_are_no_twins():
    samples = [replace(each, image=np.zeros((1, 8, 24))) for each in planes("a", 2)]
    assert not any("same pixels" in each.text for each in hold_out_findings(samples, config()))


def test_an_image_that_somebody_learns_from_and_keeps_is_told():
    (one,) = planes("a", 1)
    (told,) = hold_out_findings([one, *again([one], validation=True)], config())
    assert "figures flatter" in told.text


def test_of_few_objects_it_is_told_how_many_are_held_out():
    (one,) = planes("a", 1)
    labels = np.zeros((8, 80), np.int32)
    for number in range(1, 9):
        labels[2:6, 40 + 5 * number - 4 : 40 + 5 * number - 1] = number
    (told,) = hold_out_findings([replace(one, image=noise(labels.shape), labels=labels)], config())
    assert told.level == "warning"
    assert "2 of its 8 objects" in told.text


def alone(name, *classes):
    """An image in which only the objects are annotated."""
    (one,) = planes(name, 1, *classes)
    return replace(one, ignored=one.labels == 0)


@pytest.mark.parametrize("seed", range(5))
def test_images_with_background_are_held_out_first(seed):
    samples = [*planes("a", 1), alone("b", 1), alone("c", 1)]
    assert held_out(samples, seed) == ["a 2"]


def test_scarce_background_in_what_is_held_out_is_told():
    samples = [replace(alone("a", 1), validation=True), *planes("b", 1)]
    (told,) = hold_out_findings(samples, config())
    assert "Hardly any background" in told.text
    samples = [replace(each, validation=not each.validation) for each in samples]
    assert not hold_out_findings(samples, config())


def test_a_class_of_which_nothing_is_held_out_is_told():
    two = config()
    two = two.replace(model=two.model.replace(classes=("small", "large")))
    samples = [*planes("a", 1, 1, 2, 2), *planes("b", 1, 1), *planes("c", 1, 1)]
    (told,) = hold_out_findings(samples, two)
    assert told.text == (
        "“large” is in 1 image, with 2 objects, and not in what is held out: it cannot be measured."
    )
    chosen = [replace(each, validation=each.name == "a 2") for each in [*samples, *planes("d", 1)]]
    assert not hold_out_findings(chosen, two)
    assert not hold_out_findings(samples, config())


def test_what_is_held_out_of_the_only_image_is_a_part():
    assert is_part(["a", "b"], ["a, held out"])
    assert not is_part(["a"], ["b, held out"])
    assert not is_part(["a"], ["b"])
