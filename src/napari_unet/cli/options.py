"""Command-line flags made from the configurations, and configurations made from the flags."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, TypeVar

from napari_unet.core.option import Config, is_switch, options

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
    planned: Collection[str] = (),
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
    planned
        Options that are chosen from the images where their flag is not given.
    """
    group = parser.add_argument_group(title)
    for entry in options(config):
        if entry.name not in skip:
            flag = f"--{prefix}{entry.name.replace('_', '-')}"
            default = "chosen from the images" if entry.name in planned else _shown(entry.default)
            shown = _help(entry, default)
            group.add_argument(flag, dest=_slot(config, entry), help=shown, **_kind(entry))


def given(arguments: argparse.Namespace, config: type[Config]) -> dict[str, Any]:
    """Return the options of a configuration for which a flag was given."""
    slots = ((entry.name, _slot(config, entry)) for entry in options(config))
    values = ((name, getattr(arguments, slot, None)) for name, slot in slots)
    return {name: value for name, value in values if value is not None}


def config_from(arguments: argparse.Namespace, base: C) -> C:
    """Return a configuration changed by the flags that were given.

    Raises
    ------
    UserError
        If a value is out of range.
    """
    return base.replace(**given(arguments, type(base)))


def flags(about: str, arguments: argparse.Namespace) -> str:
    """Return the flags of the options that an error is about, of those that a command has.

    Parameters
    ----------
    about
        As in `UserError`.
    arguments
        What was read for the command.
    """
    there = {slot.rpartition(".")[2] for slot in vars(arguments)}
    known = (option for option in about.split(", ") if option.partition(" ")[0] in there)
    return ", ".join(f"--{option.replace('_', '-')}" for option in known)


def numbers(text: str) -> tuple[float, ...]:
    """Read numbers with commas between, such as ``2,0.5,0.5``."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError("give numbers with commas between, as 2,0.5") from error


def whole_numbers(text: str) -> tuple[int, ...]:
    """Read whole numbers with commas between, such as ``0,2``."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            "give whole numbers with commas between, as 0,2"
        ) from error


def words(text: str) -> tuple[str, ...]:
    """Read words with commas between, such as ``axon,myelin``."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _slot(config: type[Config], entry: dataclasses.Field[Any]) -> str:
    return f"{config.__name__}.{entry.name}"


def _kind(entry: dataclasses.Field[Any]) -> dict[str, Any]:
    if is_switch(entry):
        return {"action": argparse.BooleanOptionalAction, "default": None}
    if entry.metadata["choices"]:
        return {
            "choices": entry.metadata["choices"],
            "type": lambda text: text.replace("-", " "),
            "metavar": "{" + ",".join(map(_hyphened, entry.metadata["choices"])) + "}",
        }
    return {"type": type(entry.default), "metavar": entry.metadata["unit"].upper() or "N"}


def _hyphened(choice: str) -> str:
    """Return a choice as it is given in a shell, where blanks part words."""
    return choice.replace(" ", "-")


def _help(entry: dataclasses.Field[Any], default: str) -> str:
    about = entry.metadata
    unit = f" {about['unit']}" if about["unit"] else ""
    limits = ""
    if about["low"] is not None and about["high"] is not None:
        limits = f"{about['low']:,.10g} to {about['high']:,.10g}{unit}; "
    return f"{about['help']} ({limits}default {default})".replace("%", "%%")


def _shown(default: Any) -> str:
    if default is None:
        return "automatic"
    if isinstance(default, bool):
        return "on" if default else "off"
    return _hyphened(default) if isinstance(default, str) else f"{default:g}"
