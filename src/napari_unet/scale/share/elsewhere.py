"""What runs and settings say that is true of one machine only, changed for another one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_MODELS = ("start_from", "file")
"""Where a run's configuration and settings name a model."""
_CARDS = ("cuda", "mps")
"""Devices that another machine need not have."""


def for_elsewhere(text: bytes, change: Callable[[str], str]) -> bytes:
    """Return a run's configuration, or settings, with its models named in another way.

    A graphics card that was asked for becomes whatever is the fastest there is.

    Parameters
    ----------
    text
        The JSON.
    change
        Gets the name or path of a model, and returns another one.
    """
    values = _changed(json.loads(text), change)
    return (json.dumps(values, indent=2) + "\n").encode()


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    if isinstance(value, dict):
        return {key: _entry(key, each, change) for key, each in value.items()}
    return value


def _entry(key: str, value: Any, change: Callable[[str], str]) -> Any:
    if key in _MODELS and isinstance(value, str):
        return change(value)
    if key == "device" and value in _CARDS:
        return "auto"
    return _changed(value, change)
