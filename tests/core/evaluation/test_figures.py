"""The few figures that are shown of a validation."""

import pytest

from napari_unet.core.evaluation.figures import figures


def test_what_there_is_is_shown_and_dice_is_the_mean_of_the_foreground():
    values = {"ap50": 0.5, "ap75": None, "loss": 1.0, "dice": [0.9, 0.8, None, 0.6]}
    assert figures(values) == {"ap50": 0.5, "dice": pytest.approx(0.7)}
    assert figures({"standard_error": 0.1, "dice": [0.9, None]}) == {"standard_error": 0.1}
