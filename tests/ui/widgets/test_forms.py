"""Forms made from configurations."""

import pytest
from qtpy.QtCore import QEvent, QPoint
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import QApplication

from napari_unet.core.config import (
    DecodeConfig,
    LinkConfig,
    ModelConfig,
    NormalizeConfig,
    SizeConfig,
    TargetConfig,
    TileConfig,
)
from napari_unet.core.option import options
from napari_unet.core.train_config import TrainConfig
from napari_unet.ui.widgets.forms import Form

CONFIGS = [
    DecodeConfig,
    LinkConfig,
    ModelConfig,
    NormalizeConfig,
    SizeConfig,
    TargetConfig,
    TileConfig,
    TrainConfig,
]


@pytest.mark.parametrize("config", CONFIGS)
def test_form_shows_every_option_and_its_default(qtbot, config):
    form = Form(config())
    qtbot.addWidget(form)
    assert form.value() == config()
    for entry in options(config):
        assert form.fields[entry.name].tooltip.startswith(entry.metadata["help"])


@pytest.mark.parametrize("config", CONFIGS)
def test_the_words_of_a_row_say_what_its_field_says(qtbot, config):
    form = Form(config())
    qtbot.addWidget(form)
    for entry in options(config):
        title = form.title(entry.name)
        QApplication.sendEvent(title, QHelpEvent(QEvent.Type.ToolTip, QPoint(), QPoint()))
        assert title.toolTip() == form.fields[entry.name].tooltip


def test_a_choice_that_is_made_by_itself_can_be_made(qtbot):
    form = Form(LinkConfig())
    qtbot.addWidget(form)
    for planes in (True, False, None):
        form.fields["planes"].value = planes
        assert form.value() == LinkConfig(planes=planes)
        form.set_value(LinkConfig())
        form.set_value(LinkConfig(planes=planes))
        assert form.fields["planes"].value is planes


@pytest.mark.parametrize("sliders", [False, True])
def test_set_value_is_told_once(qtbot, sliders):
    form = Form(DecodeConfig(), sliders=sliders)
    qtbot.addWidget(form)
    told = []
    form.changed.connect(told.append)
    config = DecodeConfig(threshold=0.25, split=0.5, min_size=100_000)
    form.set_value(config)
    form.set_value(config)
    assert told == [config]
    assert form.value() == config


def test_values_that_do_not_go_together_are_told(qtbot, said):
    form = Form(NormalizeConfig())
    qtbot.addWidget(form)
    told = []
    form.changed.connect(told.append)
    form.fields["high"].value = 0.5
    assert told == []
    assert said == ["The low percentile must be below the high one."]


def test_fields_keep_their_range(qtbot):
    form = Form(TileConfig())
    qtbot.addWidget(form)
    form.fields["tile"].native.setValue(-5)
    assert form.value().tile == 0
    form.fields["device"].value = "cpu"
    assert form.value().device == "cpu"


def test_what_has_no_field_is_kept(qtbot):
    form = Form(ModelConfig(classes=("a", "b")))
    qtbot.addWidget(form)
    form.fields["depth"].value = 2
    assert form.value() == ModelConfig(classes=("a", "b"), depth=2)


@pytest.mark.parametrize("sliders", [False, True])
def test_digits_that_are_not_shown_are_kept(qtbot, sliders):
    config = DecodeConfig(threshold=0.2900004, split=0.123456789)
    form = Form(DecodeConfig(), sliders=sliders)
    qtbot.addWidget(form)
    told = []
    form.changed.connect(told.append)
    form.set_value(config)
    assert told == [config]
    form.fields["split"].value = 0.29
    assert form.value() == config.replace(split=0.29)


def test_what_is_shown_on_the_way_need_not_go_together(qtbot, said):
    form = Form(NormalizeConfig(low=1, high=2))
    qtbot.addWidget(form)
    form.set_value(NormalizeConfig(low=50, high=99))
    assert form.value() == NormalizeConfig(low=50, high=99)
    assert said == []


def test_fields_say_their_unit_and_what_0_stands_for(qtbot):
    form = Form(TileConfig())
    qtbot.addWidget(form)
    tile = form.fields["tile"]
    assert tile.native.text() == "automatic"
    tile.value = 512
    assert tile.native.text() == "512 px"
    assert isinstance(form.value().tile, int)
