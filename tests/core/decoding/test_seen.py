"""What a network made of an image."""

import numpy as np
import pytest

from napari_unet.core.decoding.seen import Seen
from napari_unet.core.image.look.greys import Greys


@pytest.mark.parametrize("shape", [(2, 20, 30), (3, 4, 20, 30)], ids=["2D", "3D, two classes"])
def test_sureness_is_the_mean_where_there_is_foreground(shape):
    output = np.zeros(shape, np.float32)
    output[0] = 0.9
    output[0, ..., :5, :10], output[0, ..., 5:10, :10] = 0.0, 0.4
    seen = Seen.of(
        [output],
        [Greys(0.1, 0.5, 0, 0.1), Greys(0.2, 0.1, 0.3, 0.2), Greys(0.6, 0.3, 0, 0.2)],
        shape[0] - 1,
    )
    assert seen.sureness == pytest.approx(0.8)
    assert (seen.grey, seen.contrast) == pytest.approx((0.2, 0.3))
    assert (seen.margin, seen.sharpness) == (0, 0.2)


def test_parts_of_an_image_count_by_their_foreground():
    output = np.random.default_rng(0).random((2, 40, 60), np.float32)
    grey = [Greys(0.3, 0.2)]
    whole = Seen.of([output], grey, 1)
    parts = Seen.of([output[:, :7], output[:, 7:, :11], output[:, 7:, 11:]], grey, 1)
    assert parts.sureness == pytest.approx(whole.sureness)


@pytest.mark.parametrize("classes", [1, 2])
def test_the_mix_of_classes_is_that_of_the_foreground(classes):
    output = np.zeros((classes + 2, 8, 8), np.float32)
    output[0], output[-1] = 1, 0.7
    output[0, :4], output[1, :4] = 0, 1
    output[classes, 0], output[1, 0] = 1, classes == 1
    mix = Seen.of([output], [], classes).mix
    assert mix == ((1.0,) if classes == 1 else (0.75, 0.25))
