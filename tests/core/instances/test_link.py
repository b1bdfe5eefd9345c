"""Objects of planes and frames are joined one to one, never bridged, whatever the blocks."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from napari_unet.core.config import LinkConfig
from napari_unet.core.errors import UserError
from napari_unet.core.instances.link import (
    check_link,
    link,
    note_on_guess,
    note_on_lost,
    partners,
    settled,
    went_on,
)
from napari_unet.core.instances.overlaps import overlap_table
from napari_unet.io.bundled import load_sample
from shapes import film

PLANES, FRAMES = LinkConfig(planes=True), LinkConfig(frames=True)
BOTH = LinkConfig(planes=True, frames=True)
SHARES = st.sampled_from([0.01, 0.3, 0.5, 1.0])


def stacks(ndim, highest=3):
    shape = st.tuples(*[st.integers(1, 6)] * ndim)
    return arrays(np.int32, shape, elements=st.integers(0, highest), fill=st.just(0))


def numbers(labels):
    return set(np.unique(labels).tolist()) - {0}


def first_pixels(labels):
    return [int(np.flatnonzero(labels == number)[0]) for number in sorted(numbers(labels))]


def parts_of_planes(mask):
    """Number the connected parts of each plane on its own."""
    return np.stack([ndimage.label(plane, np.ones((3, 3)))[0] for plane in mask])


def slow_partners(first, second, least):
    shared = {}
    for one, other in product(numbers(first), numbers(second)):
        a, b = first == one, second == other
        both = int((a & b).sum())
        if both and both >= least * min(a.sum(), b.sum()):
            shared[one, other] = both / int((a | b).sum())

    def best(side, label):
        rivals = [pair for pair in shared if pair[side] == label]
        return max(rivals, key=lambda pair: (shared[pair], -pair[0], -pair[1]))

    return {pair for pair in shared if best(0, pair[0]) == pair == best(1, pair[1])}


@given(stacks(2, highest=6), SHARES)
def test_partners_are_those_of_brute_force(plane, least):
    other = np.roll(plane, 1, axis=-1)[::-1]
    found = partners(overlap_table(plane, other), least).tolist()
    assert {tuple(pair) for pair in found} == slow_partners(plane, other, least)
    assert len({one for one, _ in found}) == len({two for _, two in found}) == len(found)


@pytest.mark.parametrize("config", [LinkConfig(), PLANES, FRAMES, BOTH])
@pytest.mark.parametrize(("axes", "ndim"), [("TZYX", 2), ("ZTYX", 2), ("YXTZ", 2), ("TZYX", 3)])
@given(st.data())
def test_objects_are_kept_whole_and_numbered_in_scan_order(axes, ndim, config, data):
    labels = data.draw(stacks(4))
    linked = link(labels, axes, ndim, config)
    assert linked.dtype == np.int32
    np.testing.assert_array_equal(linked > 0, labels > 0)
    assert sorted(numbers(linked)) == list(range(1, linked.max() + 1))
    assert first_pixels(linked) == sorted(first_pixels(linked))
    spatial = [axes.index(letter) for letter in "ZYX"[-ndim:]]
    before, after = (np.moveaxis(each, spatial, range(-ndim, 0)) for each in (labels, linked))
    for lead in np.ndindex(before.shape[:-ndim]):
        pairs = set(zip(before[lead].flat, after[lead].flat, strict=True))
        assert len(pairs) == len({one for one, _ in pairs}) == len({two for _, two in pairs})


@given(arrays(bool, (5, 6, 6)), SHARES)
def test_linked_through_planes_an_object_is_connected_and_no_cells_are_bridged(mask, least):
    linked = link(parts_of_planes(mask), "ZYX", 2, PLANES.replace(overlap=least))
    for number in numbers(linked):
        assert ndimage.label(linked == number, np.ones((3, 3, 3)))[1] == 1
        for plane in linked:
            assert ndimage.label(plane == number, np.ones((3, 3)))[1] <= 1


@given(arrays(bool, (4, 6, 6)))
def test_planes_and_frames_are_linked_by_the_same_law(mask):
    labels = parts_of_planes(mask)
    np.testing.assert_array_equal(link(labels, "ZYX", 2, PLANES), link(labels, "TYX", 2, FRAMES))


@pytest.mark.parametrize("config", [PLANES, FRAMES, BOTH])
def test_what_is_not_there_is_not_linked(config):
    plane = np.array([[0, 7, 7], [5, 0, 9]])
    np.testing.assert_array_equal(link(plane, "YX", 2, config), [[0, 1, 1], [2, 0, 3]])
    assert link(plane[:, :0], "YX", 2, config).shape == (2, 0)


@pytest.mark.parametrize(
    ("labels", "axes", "words"),
    [
        (np.ones((2, 5, 5), int), "YX", "do not fit an image with 3 axes"),
        (np.ones((2, 5, 5), int), "QYX", "'Q', which is no axis"),
        (np.ones((2, 5, 5), int), "TZY", "no X axis"),
        (-np.ones((2, 5, 5), int), "ZYX", "negative"),
    ],
)
def test_what_cannot_be_linked_is_refused(labels, axes, words):
    with pytest.raises(UserError, match=words):
        link(labels, axes, 2, PLANES)


def test_the_planes_of_a_volume_make_its_objects_again():
    truth = load_sample("nuclei3d")[1].data.astype(np.int32)
    shuffled = np.where(truth, (truth * 7 + np.arange(len(truth))[:, None, None]) % 97 + 1, 0)
    linked = link(shuffled, "ZYX", 2, PLANES)
    assert linked.max() == len(numbers(truth))
    assert len(set(zip(linked.flat, truth.flat, strict=True))) == linked.max() + 1


def test_frames_of_volumes_follow_whole_objects():
    truth = load_sample("nuclei3d")[1].data.astype(np.int32)
    movie = np.stack([np.roll(truth, 2 * frame, axis=-1)[..., 6:] for frame in range(3)])
    followed = link(movie, "TZYX", 3, FRAMES)
    kept = [len(numbers(a) & numbers(b)) / len(numbers(b)) for a, b in pairwise(followed)]
    assert min(kept) > 0.8
    planes = link(movie, "TZYX", 2, BOTH)
    np.testing.assert_array_equal(planes, followed)


def test_a_mother_leaves_her_number_to_one_daughter_and_what_comes_back_is_new():
    movie = np.zeros((5, 4, 10), np.int32)
    movie[0, :, 1:9] = 1
    movie[1, :, 1:4], movie[1, :, 4:9] = 1, 2
    movie[2], movie[4] = movie[1], movie[1]
    linked = link(movie, "TYX", 2, FRAMES)
    assert [sorted(numbers(frame)) for frame in linked] == [[1], [1, 2], [1, 2], [], [3, 4]]
    assert linked[1, 0, 8] == 1


def test_two_cells_above_one_are_not_bridged():
    stack = np.zeros((3, 4, 10), np.int32)
    stack[0, :, :5], stack[0, :, 5:] = 1, 2
    stack[1] = 1
    stack[2] = stack[0]
    linked = link(stack, "ZYX", 2, PLANES)
    assert linked.max() == 3
    assert [len(numbers(plane)) for plane in linked] == [2, 1, 2]


@pytest.mark.parametrize(
    ("axes", "lead", "joined"),
    [
        ("ZYX", (5,), True),
        ("TZYX", (3, 5), True),
        ("ZTYX", (5, 3), True),
        ("ZYX", (1,), False),
        ("TYX", (5,), False),
        ("TZYX", (5,), False),
        ("ZYX", (), False),
        ("YX", (), False),
    ],
)
def test_only_planes_of_a_z_stack_are_joined_by_themselves(axes, lead, joined):
    assert settled(LinkConfig(), axes, lead) == LinkConfig(planes=joined)
    for config in (PLANES, LinkConfig(planes=False, frames=True)):
        assert settled(config, axes, lead) == config


@pytest.mark.parametrize(
    ("axes", "ndim", "config", "words"),
    [
        ("ZYX", 2, FRAMES, "no T axis: if its Z axis is time, give the axes TYX."),
        ("TCYX", 2, PLANES, "no Z axis: if its T axis is depth, give the axes ZCYX."),
        ("tyx", 2, PLANES, "no Z axis: .* give the axes ZYX."),
    ],
)
def test_an_axis_that_is_not_there_is_told_with_the_axes_to_give(axes, ndim, config, words):
    with pytest.raises(UserError, match=words) as told:
        check_link(axes, ndim, config)
    assert told.value.about == "axes"


@pytest.mark.parametrize(
    ("axes", "ndim", "config"),
    [("YX", 2, BOTH), ("ZYX", 2, BOTH), ("TZYX", 2, FRAMES), ("TZYX", 3, PLANES), ("ZYX", 3, BOTH)],
)
def test_where_there_is_nothing_or_something_to_join_nothing_is_told(axes, ndim, config):
    check_link(axes, ndim, config)


@pytest.mark.parametrize(
    ("axes", "shape", "words"),
    [
        ("ZYX", (5, 9, 9), "for a film, give the axes TYX. A volume is seen better by"),
        ("ZYX", (3, 9, 9), "for a film, give the axes TYX, for channels CYX. A volume"),
        ("ZYXC", (5, 9, 9, 3), "for a film, give the axes TYXC. A volume is seen better by"),
        ("TZYX", (2, 5, 9, 9), "if they are others, say which."),
    ],
)
def test_objects_that_rest_on_a_guess_say_so(axes, shape, words):
    told = note_on_guess(axes, shape, 2, LinkConfig())
    assert told.startswith(f"The axes {axes} are a guess, and objects are joined")
    assert words in told


@pytest.mark.parametrize(
    ("axes", "shape", "ndim", "config"),
    [
        ("YX", (9, 9), 2, LinkConfig()),
        ("ZYX", (1, 9, 9), 2, LinkConfig()),
        ("ZYX", (5, 9, 9), 3, LinkConfig()),
        ("ZYX", (5, 9, 9), 2, PLANES),
        ("ZYX", (5, 9, 9), 2, LinkConfig(planes=False)),
    ],
)
def test_a_guess_that_makes_no_difference_is_not_told(axes, shape, ndim, config):
    assert note_on_guess(axes, shape, ndim, config) == ""


def test_objects_that_are_lost_from_frame_to_frame_are_told():
    for labels, lost in ((film(frames=5, step=1.0), False), (film(frames=5, step=12.0), True)):
        found = link(labels, "TYX", 2, FRAMES)
        kept, count = went_on(found, "TYX")
        assert count == sum(len(numbers(frame)) for frame in found[:-1])
        assert kept == sum(len(numbers(a) & numbers(b)) for a, b in pairwise(found))
        assert bool(note_on_lost(kept, count)) == lost
        assert went_on(np.moveaxis(found, 0, 1)[:, :, None], "YTZX") == (kept, count)
    assert went_on(found[:1], "TYX") == (0, 0)
    assert not note_on_lost(0, 0)
