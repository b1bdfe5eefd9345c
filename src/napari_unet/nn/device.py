"""Which device computes, and why, in words a user reads."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from napari_unet.core.errors import UserError
from napari_unet.core.words import counted
from napari_unet.processes.memory import free_memory

_NAMES = {"cpu": "CPU", "cuda": "NVIDIA GPU", "mps": "Apple GPU"}


@dataclass(frozen=True)
class Device:
    """A device and the reason for it.

    Parameters
    ----------
    kind
        ``"cpu"``, ``"cuda"`` or ``"mps"``.
    name
        What it is called, such as ``"NVIDIA GPU (RTX 4090)"``.
    reason
        One plain sentence: why it was taken.
    bfloat16
        Whether it computes quickly in bfloat16.
    """

    kind: str
    name: str
    reason: str
    bfloat16: bool

    @property
    def torch(self) -> torch.device:
        """The device as torch wants it."""
        return torch.device(self.kind)

    def free_memory(self) -> int:
        """Return the bytes that are free on it."""
        if self.kind == "cuda":
            return int(torch.cuda.mem_get_info()[0])
        return free_memory()


def choose_device(name: str = "auto") -> Device:
    """Choose the device to compute on.

    Parameters
    ----------
    name
        ``"auto"`` for the fastest there is, or ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Raises
    ------
    UserError
        If the named device is not there; the sentence tells why.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        found = next((kind for kind, is_there in there.items() if is_there), "cpu")
        reason = "No GPU was found: " + _why_no_gpu() if found == "cpu" else "It is the fastest."
    elif name == "cpu" or there.get(name):
        found, reason = name, "It was asked for."
    else:
        raise UserError(f"There is no {_NAMES.get(name, name)} to use: {_why_no_gpu()}")
    return Device(found, _full_name(found), reason, _has_bfloat16(found))


def _why_no_gpu() -> str:
    if torch.version.cuda is None and sys.platform != "darwin":
        return (
            "this PyTorch was built for the CPU only. If this computer has an NVIDIA GPU, install "
            "PyTorch with CUDA, as pytorch.org/get-started says."
        )
    if sys.platform == "darwin":
        return "this Mac has none that PyTorch can use."
    return (
        "PyTorch sees no NVIDIA GPU. If this computer has one, install its newest driver from "
        "nvidia.com/drivers."
    )


def _full_name(kind: str) -> str:
    if kind == "cuda":
        return f"{_NAMES[kind]} ({torch.cuda.get_device_name()})"
    if kind == "cpu":
        return f"CPU ({counted(torch.get_num_threads(), 'thread')})"
    return _NAMES[kind]


def _has_bfloat16(kind: str) -> bool:
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if kind == "cpu":
        # torch tells this nowhere in public
        return bool(torch.cpu._is_avx512_bf16_supported())
    return False


_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_DEFAULTS = {_TRIM_THRESHOLD: 128 * 1024, _MMAP_MAX: 65536}
_REUSE = {_TRIM_THRESHOLD: 2**31 - 1, _MMAP_MAX: 0}
"""Parameters of glibc's mallopt: what it starts with, and what keeps large blocks."""
_reusing: list[None] = []
"""One entry per `memory_reused` that is entered: training validates, which predicts."""


@contextmanager
def memory_reused() -> Iterator[None]:
    """Let glibc keep and reuse large blocks of memory instead of mapping each one afresh.

    The network's intermediate images are large and short-lived; mapping each one afresh costs as
    much as the convolutions. On leaving, the memory goes back to the system. Does nothing where
    there is no glibc.
    """
    try:
        libc = ctypes.CDLL("libc.so.6")
        mallopt, trim = libc.mallopt, libc.malloc_trim
    except (OSError, AttributeError):
        yield
        return
    for parameter, value in _REUSE.items():
        mallopt(parameter, value)
    _reusing.append(None)
    try:
        yield
    finally:
        _reusing.pop()
        if not _reusing:
            for parameter, value in _DEFAULTS.items():
                mallopt(parameter, value)
            trim(0)
