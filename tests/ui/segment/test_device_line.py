"""Which device computes is held as what it is, and not read from words."""

import pytest

from napari_unet.core.progress import Progress, UsedDevice
from napari_unet.nn import device
from napari_unet.nn.device import Device
from napari_unet.ui.segment.device_line import DeviceLine


@pytest.fixture
def line(qtbot):
    made = DeviceLine()
    qtbot.addWidget(made)
    return made


def look(line, name, qtbot):
    with qtbot.waitSignal(line.latest.ended):
        line.look(name)


def test_as_long_as_nothing_is_found_the_slower_one_is_assumed(line):
    assert line.kind == "cpu"


def test_the_cpu_is_one_whatever_is_written_about_it(line, qtbot):
    look(line, "cpu", qtbot)
    assert line.text().startswith("CPU (")
    line.setText("Something else.")
    assert line.kind == "cpu"


def test_a_gpu_is_one_until_another_is_chosen(line, qtbot, monkeypatch):
    found = Device("mps", "Apple GPU", "It is the fastest.", False)
    with monkeypatch.context() as patch:
        patch.setattr(device, "choose_device", lambda _: found)
        look(line, "auto", qtbot)
    assert (line.kind, line.text()) == ("gpu", "Apple GPU. It is the fastest.")
    line.show_progress(Progress("segmenting", device=UsedDevice("CPU"), notice="It is slow."))
    assert line.kind == "gpu"
    look(line, "cpu", qtbot)
    assert line.kind == "cpu"


def test_a_device_that_there_is_not_is_told(line, qtbot, monkeypatch):
    monkeypatch.setattr(device.torch.cuda, "is_available", lambda: False)
    look(line, "cuda", qtbot)
    assert line.text().startswith("There is no NVIDIA GPU to use")
    assert line.kind == "cpu"
