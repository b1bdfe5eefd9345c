"""What is usual in the images that a model knows."""

import json

import pytest

from napari_unet.core.decoding.known import Known
from napari_unet.core.decoding.seen import Seen


def test_what_is_usual_goes_through_json():
    numbers = [number / 100 for number in range(11)]
    known = Known.of([Seen(0.8 + each, each, 0.5 - each, sharpness=1 - each) for each in numbers])
    assert known.sureness == pytest.approx(0.81)
    assert known.grey == pytest.approx((0.01, 0.09))
    assert known.sharpness == pytest.approx(0.91)
    assert known.images == 11
    assert known.contrast == pytest.approx((0.41, 0.49))
    assert Known.from_dict(json.loads(json.dumps(known.to_dict()))) == known


@pytest.mark.parametrize("noted", [None, {}, {"known": None}, {"known": {"grey": [1], "odd": 2}}])
def test_nothing_special_is_known_of_a_model_that_notes_nothing(noted):
    assert Known.from_dict(noted) == Known()
    assert Known.of([Seen(), Seen(None, 0.5, 0.2)]) == Known()
