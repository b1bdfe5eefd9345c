"""Configurations as they are written in a shell and in Python, without what is as usual."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields

from napari_unet.core.option import Config, options


def as_command(words: Iterable[str]) -> str:
    """Return a line that a shell takes for these words."""
    return " ".join(map(_quoted, words))


def as_flags(config: Config, prefix: str = "", always: Collection[str] = ()) -> Iterator[str]:
    """Yield the flags of a configuration.

    Parameters
    ----------
    config
        What is described with `option` has a flag.
    prefix
        Put before each flag's name, such as ``"link-"``.
    always
        Options that are stated even where they are as usual.
    """
    for entry in options(type(config)):
        value = getattr(config, entry.name)
        if entry.name not in always and value == entry.default:
            continue
        flag = f"{prefix}{entry.name.replace('_', '-')}"
        if isinstance(value, bool):
            yield f"--{flag}" if value else f"--no-{flag}"
        else:
            yield from (f"--{flag}", str(value).replace(" ", "-"))


def as_call(config: Config) -> str:
    """Return the Python that makes a configuration."""
    stated = []
    for entry in fields(config):
        value = getattr(config, entry.name)
        usual = getattr(type(config)(), entry.name)
        if value != usual and isinstance(value, Config):
            stated.append(f"{entry.name}={as_call(value)}")
        elif value != usual:
            stated.append(f"{entry.name}={value!r}")
    return f"{type(config).__name__}({', '.join(stated)})"


def names_called(*calls: str) -> set[str]:
    """Return the names that Python has to import for some calls."""
    return {name for call in calls for name in re.findall(r"(\w+)\(", call)}


def _quoted(word: str) -> str:
    """Return a word as shells take it, in double quotes where they will do, also on Windows."""
    if re.fullmatch(r"[\w@+=:,./-]+", word):
        return word
    return shlex.quote(word) if re.search(r'["$`!]|\\$', word) else f'"{word}"'
