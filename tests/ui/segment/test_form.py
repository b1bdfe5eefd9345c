"""Boxes of the form say what they show, and when to tick them."""

import pytest

from napari_unet.core.train_config import TrainConfig
from napari_unet.ui.segment.extra_layers import ExtraLayers
from napari_unet.ui.widgets.forms import Form


@pytest.mark.parametrize(
    ("name", "words"),
    [("probabilities", "Threshold"), ("height", "Split depth"), ("uncertainty", "look at first")],
)
def test_what_may_be_added_says_when(qtbot, name, words):
    extras = ExtraLayers()
    qtbot.addWidget(extras)
    tip = getattr(extras, name).toolTip()
    assert "Tick it" in tip
    assert words in tip


def test_what_is_ticked_is_wanted(qtbot):
    extras = ExtraLayers()
    qtbot.addWidget(extras)
    assert extras.wanted() == set()
    extras.height.setChecked(True)
    assert extras.wanted() == {"height"}


def test_the_loss_of_the_height_has_a_plain_title_and_says_when(qtbot):
    form = Form(TrainConfig())
    qtbot.addWidget(form)
    assert form.title("height").text() == "Parting loss"
    tip = form.fields["height"].tooltip
    assert "Raise it where" in tip
    assert "lower it where" in tip
