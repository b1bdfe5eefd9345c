"""The Annotate widget in a real window, with real clicks."""

import numpy as np
from qtpy.QtWidgets import QWidget

from napari_unet.core.errors import sentence
from napari_unet.ui.annotate import widget as annotate_widget

PLUGIN = "napari-unet-studio"


def test_without_an_image(viewer, annotate, click, said):
    click(annotate.form.create)
    assert said == ["There is no image: drop one on the window or use File > Open Sample."]
    assert not annotate.form.work.isEnabled()
    assert not annotate.form.save.isEnabled()


def test_without_memory(viewer, annotate, click, said, monkeypatch):
    def short_of_memory(*_):
        raise MemoryError

    monkeypatch.setattr(annotate_widget, "add_annotation", short_of_memory)
    viewer.add_image(np.zeros((60, 80), np.uint8))
    click(annotate.form.create)
    assert said == [sentence(MemoryError())]


def test_an_image_that_is_annotated_is_seen(viewer, annotate, click):
    image = viewer.add_image(np.zeros((60, 80), np.uint8), visible=False)
    click(annotate.form.create)
    assert annotate.session is not None
    assert image.visible


def test_work_goes_on_when_the_widget_is_opened_again(viewer, start, annotate):
    session = start()
    viewer.window.remove_dock_widget(annotate)
    assert not session.layer.keymap
    _, again = viewer.window.add_plugin_dock_widget(PLUGIN, "Annotate")
    assert again.session.layer is session.layer
    assert again.session.autosave.path == session.autosave.path


def test_every_control_says_what_it_does(annotate):
    form = vars(annotate.form)
    controls = [part for part in form.values() if isinstance(part, QWidget)]
    buttons = [part for part in controls if part.metaObject().className() == "QPushButton"]
    assert len(buttons) > 10
    assert all(button.toolTip() for button in [*buttons, *annotate.form.tools.values()])
