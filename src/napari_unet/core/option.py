"""What a frozen configuration is, and what each of its options knows about itself."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from napari_unet.core.errors import UserError

FORMAT = 1


def option(  # noqa: PLR0913 - given by keyword, they read as a sentence
    default: Any,
    help: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    zero: str = "",
    automatic: bool = False,
) -> Any:
    """Make a dataclass field that carries what a form needs to know about it.

    Parameters
    ----------
    default
        The default value; also tells the type.
    help
        One plain sentence.
    unit
        Unit of the value, such as ``"px"``.
    low, high
        Inclusive range.
    choices
        The allowed words, for an option that is one of a few.
    zero
        What a form shows for 0, where that is no number but a choice, such as ``"automatic"``.
    automatic
        Whether it is yes, no or None, which stands for what suits the image.
    """
    described = {
        "help": help,
        "unit": unit,
        "low": low,
        "high": high,
        "choices": choices,
        "zero": zero,
        "automatic": automatic,
    }
    return field(default=default, metadata=described)


@dataclass(frozen=True)
class Config:
    """Base of the configurations: checked when made, `replace` checks again."""

    PARTS: ClassVar[Mapping[str, type[Config]]] = {}
    """The fields that are configurations themselves."""

    def __post_init__(self) -> None:
        for entry in options(type(self)):
            value = _plain(getattr(self, entry.name))
            _check(entry, value)
            object.__setattr__(self, entry.name, value)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some values changed, checked like any other."""
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the values and the format number, ready for JSON."""
        parts = {name: getattr(self, name) for name in self.PARTS}
        written = {name: part and part.to_dict() for name, part in parts.items()}
        return {"format": FORMAT, **dataclasses.asdict(self), **written}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make a configuration from `to_dict`'s result.

        Raises
        ------
        UserError
            For unknown keys, a newer format or values out of range.
        """
        if not isinstance(values, Mapping):
            raise UserError(f"{cls.__name__} must be names with values, not {values!r}.")
        given = {key: cls._read(key, value) for key, value in values.items()}
        stated = given.pop("format", FORMAT)
        if is_newer(stated):
            raise UserError(
                f"This {cls.__name__} was written by a newer version: update napari-unet-studio."
            )
        if stated != FORMAT:
            raise UserError(f"{cls.__name__} cannot have the format {stated!r}.")
        unknown = sorted(set(given) - {entry.name for entry in dataclasses.fields(cls)})
        if unknown:
            raise UserError(f"{cls.__name__} has no option {', '.join(unknown)}.")
        try:
            return cls(**given)
        except TypeError as error:
            raise UserError(f"{cls.__name__} is not complete: {error}.") from error

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        """Return a field's value from JSON; None stays None only where that is the default."""
        if name in cls.PARTS and not (value is None is getattr(cls, name, ...)):
            return cls.PARTS[name].from_dict(value)
        return _frozen(value)


def is_newer(stated: Any) -> bool:
    """Tell whether a format number is that of a later version."""
    return isinstance(stated, int) and stated > FORMAT


def options(config: type[Config]) -> Iterator[dataclasses.Field[Any]]:
    """Yield the fields of a configuration that were described with `option`."""
    return (entry for entry in dataclasses.fields(config) if "help" in entry.metadata)


def is_switch(entry: dataclasses.Field[Any]) -> bool:
    """Tell whether an option is yes or no, and maybe automatic."""
    return isinstance(entry.default, bool) or bool(entry.metadata["automatic"])


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Return a number of any kind, such as one of numpy's, as Python's own."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return value
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _check(entry: dataclasses.Field[Any], value: Any) -> None:
    about = entry.metadata
    name = entry.name.replace("_", " ")
    if about["choices"] and value not in about["choices"]:
        raise UserError(f"{name} must be one of {', '.join(about['choices'])}, not {value!r}.")
    if about["automatic"] and value is None:
        return
    if is_switch(entry) and not isinstance(value, bool):
        raise UserError(f"{name} must be true or false, not {value!r}.")
    if about["low"] is None and about["high"] is None:
        return
    low = -math.inf if about["low"] is None else about["low"]
    high = math.inf if about["high"] is None else about["high"]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = isinstance(value, int) or not isinstance(entry.default, int)
    if not number or not fits or not low <= value <= high:
        kind = "a whole number" if isinstance(entry.default, int) else "a number"
        limits = f"of at least {low:,.10g}"
        if high < math.inf:
            limits = f"from {low:,.10g} to {high:,.10g}"
        raise UserError(f"{name} must be {kind} {limits}, not {value!r}.")
