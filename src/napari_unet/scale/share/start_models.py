"""The models that runs and settings name, under other names on another machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_NAMED_BY = ("start_from", "file")
"""Where a run's configuration and settings name a model."""


def with_models(text: bytes, change: Callable[[str], str]) -> bytes:
    """Return a run's configuration, or settings, with the names of its models changed.

    Parameters
    ----------
    text
        The JSON.
    change
        Gets a name or path, and returns another one.
    """
    values = _changed(json.loads(text), change)
    return (json.dumps(values, indent=2) + "\n").encode()


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: change(each) if key in _NAMED_BY and isinstance(each, str) else _changed(each, change)
        for key, each in value.items()
    }
