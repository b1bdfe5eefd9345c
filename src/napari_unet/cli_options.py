"""Command-line flags made from the configurations, and configurations made from the flags."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any, TypeVar

from napari_unet.core.config import Config, options
from napari_unet.core.errors import UserError

if TYPE_CHECKING:
    import dataclasses
    from collections.abc import Collection

C = TypeVar("C", bound=Config)


def add_options(
    parser: argparse.ArgumentParser,
    config: type[Config],
    title: str,
    *,
    prefix: str = "",
    skip: Collection[str] = (),
) -> None:
    """Add a flag for each option of a configuration.

    Parameters
    ----------
    parser
        Gets a group of flags.
    config
        The configuration class.
    title
        Heading of the group in the help.
    prefix
        Put before each flag's name, such as ``"network-"``.
    skip
        Options that get no flag.
    """
    group = parser.add_argument_group(title)
    for entry in options(config):
        if entry.name not in skip:
            flag = f"--{prefix}{entry.name.replace('_', '-')}"
            group.add_argument(flag, dest=_slot(config, entry), help=_help(entry), **_kind(entry))


def given(arguments: argparse.Namespace, config: type[Config]) -> dict[str, Any]:
    """Return the options of a configuration for which a flag was given."""
    values = {entry.name: getattr(arguments, _slot(config, entry), None) for entry in options(config)}
    return {name: value for name, value in values.items() if value is not None}


def config_from(arguments: argparse.Namespace, base: C) -> C:
    """Return a configuration changed by the flags that were given.

    Raises
    ------
    UserError
        If a value is out of range.
    """
    return base.replace(**given(arguments, type(base)))


def numbers(text: str) -> tuple[float, ...]:
    """Read numbers with commas between, such as ``2,0.5,0.5``."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise UserError(f"{text!r} must be numbers with commas between, such as 2,0.5,0.5.") from error


def words(text: str) -> tuple[str, ...]:
    """Read words with commas between, such as ``axon,myelin``."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _slot(config: type[Config], entry: dataclasses.Field[Any]) -> str:
    return f"{config.__name__}.{entry.name}"


def _kind(entry: dataclasses.Field[Any]) -> dict[str, Any]:
    if isinstance(entry.default, bool):
        return {"action": argparse.BooleanOptionalAction, "default": None}
    if entry.metadata["choices"]:
        return {"choices": entry.metadata["choices"]}
    return {"type": type(entry.default), "metavar": entry.metadata["unit"].upper() or "N"}


def _help(entry: dataclasses.Field[Any]) -> str:
    about = entry.metadata
    unit = f" {about['unit']}" if about["unit"] else ""
    low, high = (math.inf if limit is None else limit for limit in (about["low"], about["high"]))
    limits = f"{low:g} to {high:g}{unit}; " if math.inf not in (low, high) else ""
    default = {True: "on", False: "off"}.get(entry.default, entry.default)
    shown = default if isinstance(entry.default, bool | str) else f"{default:g}{unit}"
    return f"{about['help']} ({limits}default {shown})".replace("%", "%%")
