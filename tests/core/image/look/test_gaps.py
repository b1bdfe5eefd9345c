"""Even planes are told where they lie between others, and not where an image was padded."""

import numpy as np
import pytest

from napari_unet.core.decoding.fit import says_doubt
from napari_unet.core.image.look.gaps import even_planes, note_on_gaps


def volume(channels=1, shape=(30, 200, 300)):
    return np.random.default_rng(0).integers(100, 4000, (channels, *shape), np.uint16)


def note(*images, lead="", channels=()):
    return note_on_gaps(dict(enumerate(map(even_planes, images))), lead, channels)


def test_a_plane_is_even_only_if_all_of_it_is():
    image = volume()
    image[0, 3:5] = 7
    image[0, 4, 199, 299] = 8
    assert np.flatnonzero(even_planes(image)[0]).tolist() == [3]


class Stored:
    """An image whose file has a part for every plane, and counts how often one is read."""

    def __init__(self, pixels):
        self.pixels, self.shape, self.read = pixels, pixels.shape, np.zeros(pixels.shape[1], int)

    def __getitem__(self, where):
        self.read[where[1]] += 1
        return self.pixels[where]


def test_for_a_few_even_planes_a_file_is_not_read_again_and_again():
    image = volume(shape=(30, 1200, 1300))
    image[:, [0, 1, 12]] = 0
    image[0, 20, 500:700, 500:800] = 0
    stored = Stored(image)
    assert np.flatnonzero(even_planes(stored)[0]).tolist() == [0, 1, 12]
    assert stored.read.max() <= 2
    assert np.flatnonzero(stored.read > 1).tolist() == [0, 1, 12, 20]


@pytest.mark.parametrize(
    ("planes", "where"),
    [
        ([12], "plane 12 (counted from 0)."),
        ([12, 13], "planes 12 and 13 (counted from 0)."),
        (range(3, 9), "planes 3 to 8 (counted from 0)."),
        ([2, 5, 7, 20], "4 planes, the first of them 2 (counted from 0)."),
    ],
)
def test_empty_planes_between_others_are_told_with_what_to_do(planes, where):
    image = volume()
    image[:, [0, 28, 29, *planes]] = 0
    told = note(image)
    assert told.startswith(f"Objects may be cut: there is nothing in {where}")
    assert "copies of their neighbours" in told
    assert says_doubt(told)


def test_padding_at_the_ends_is_not_told():
    image = volume(2)
    image[:, [0, 1, 29]] = 0
    image[0, 2] = 0  # a channel that was shifted
    assert note(image) == note(volume()) == note() == ""


def test_planes_between_two_layers_of_objects_on_nothing_are_not_told():
    image = np.zeros_like(volume())
    image[:, [4, 5, 6, 20, 21], 80:130, 130:170] = volume()[:, :5, 80:130, 130:170]
    assert note(image) == ""


def test_channels_that_are_empty_where_others_are_not_are_told():
    image = volume(3)
    image[2] = 0
    image[1, 12] = 0
    assert note(image).startswith(
        "Labels may be wrong: channel 1 is empty in plane 12 (counted from 0)."
    )
    assert "channel 4 is empty" in note(image[[0, 1]], channels=(0, 4))
    assert note(image[[0, 2]]) == ""


def test_frames_without_one_of_their_channels_are_told():
    frames = [volume(2, (64, 64)) for _ in range(6)]
    assert note(*frames, lead="T") == ""
    for each in frames[1::2]:
        each[1] = 0
    told = note(*frames, lead="T")
    assert "channel 1 is empty in frames 1, 3 and 5 (counted from 0)." in told
    assert says_doubt(told)


def test_planes_of_two_axes_are_counted():
    planes = [volume(2, (64, 64)) for _ in range(6)]
    planes[3][0] = planes[4][0] = 0
    assert "channel 0 is empty in 2 planes." in note(*planes, lead="TZ")


def test_of_several_volumes_it_is_told_which():
    volumes = [volume(shape=(9, 40, 40)) for _ in range(4)]
    volumes[1][:, 5] = volumes[3][:, 2] = 0
    assert "plane 5 (counted from 0) of frame 1 and in 1 other frame." in note(*volumes, lead="T")
