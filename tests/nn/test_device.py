"""The device is chosen with a reason that a user understands."""

import ctypes
from types import SimpleNamespace

import psutil
import pytest
import torch

from napari_unet.core.errors import UserError
from napari_unet.nn import device
from napari_unet.nn.device import Device, choose_device, memory_reused


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_without_a_gpu_the_cpu_is_taken_and_it_is_said_why(no_gpu):
    chosen = choose_device()
    assert chosen.kind == "cpu"
    assert chosen.name.startswith("CPU (")
    assert chosen.reason.startswith("No GPU was found: ")
    assert chosen.reason.endswith(".")
    assert chosen.torch == torch.device("cpu")
    assert chosen.free_memory() > 0


@pytest.mark.parametrize(
    ("cuda", "remedy"), [(None, "pytorch.org/get-started"), ("12.8", "nvidia.com/drivers")]
)
def test_who_has_a_gpu_is_told_how_it_is_used(no_gpu, monkeypatch, cuda, remedy):
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(device.sys, "platform", "win32")
    assert remedy in choose_device().reason
    with pytest.raises(UserError, match=remedy):
        choose_device("cuda")


def test_what_is_free_is_asked_of_every_system(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=12345))
    for kind in ("cpu", "mps"):
        assert Device(kind, kind, "", False).free_memory() == 12345


def test_the_cpu_can_be_asked_for():
    assert choose_device("cpu").reason == "It was asked for."


@pytest.mark.parametrize(("name", "words"), [("cuda", "no NVIDIA GPU"), ("mps", "no Apple GPU")])
def test_a_device_that_there_is_not_is_refused(no_gpu, name, words):
    with pytest.raises(UserError, match=words):
        choose_device(name)


def test_an_apple_gpu_is_taken_where_there_is_one(no_gpu, monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device() == Device("mps", "Apple GPU", "It is the fastest.", False)


class Libc:
    """Writes down what glibc is told."""

    def __init__(self, name):
        self.calls = Libc.calls

    def mallopt(self, key, value):
        self.calls.append((key, value))

    def malloc_trim(self, kept):
        self.calls.append("trim")


def test_memory_is_given_back_when_the_outermost_work_ends(monkeypatch):
    Libc.calls = []
    monkeypatch.setattr(ctypes, "CDLL", Libc)
    with memory_reused():
        with memory_reused():
            pass
        assert "trim" not in Libc.calls
    assert Libc.calls[-1] == "trim"
    assert Libc.calls[-3:-1] == list(device._DEFAULTS.items())


def test_without_glibc_work_goes_on(monkeypatch):
    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    with memory_reused():
        done = True
    assert done
