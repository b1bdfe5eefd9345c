"""How long work is told in a terminal and to other programs, and how it is stopped."""

import io
import json
import signal

import numpy as np
import pytest

from napari_unet.cli.progress import Bar, reporter, stop_on_signals
from napari_unet.core.progress import Progress, UsedDevice


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_tells_time_left_and_each_notice_once():
    seconds = iter([0.0, 30.0, 60.0])
    stream = Terminal()
    bar = Bar(stream, lambda: next(seconds))
    device = UsedDevice("CPU", "No GPU was found.")
    for done in (0, 1, 2):
        bar(Progress("training", done, 4, {"loss": 0.25}, device=device))
    text = stream.getvalue()
    assert "2/4  1:00 left  loss 0.25" in text
    assert text.count("Using the CPU. No GPU was found.") == 1


def test_no_bar_without_a_terminal():
    stream = io.StringIO()
    Bar(stream)(Progress("training", 1, 4))
    assert stream.getvalue() == ""


def test_lines_for_other_programs(capsys):
    report = reporter("jsonl")
    report(Progress("training", 1, 4, {"loss": np.float32(0.5)}))
    report.finish({"model": "x"})
    first, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {"stage": "training", "done": 1, "total": 4, "values": {"loss": 0.5}}
    assert last == {"result": {"model": "x"}}


@pytest.mark.usefixtures("usual_interrupt")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGBREAK"])
def test_the_first_signal_asks_and_the_second_ends(name, monkeypatch):
    if not hasattr(signal, name):  # it is of Windows: another one stands in for it
        monkeypatch.setattr(signal, name, signal.SIGUSR1, raising=False)
    with stop_on_signals() as stop_requested:
        assert not stop_requested()
        signal.raise_signal(getattr(signal, name))
        assert stop_requested()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(getattr(signal, name))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
