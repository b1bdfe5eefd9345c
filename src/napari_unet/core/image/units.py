"""Units of length and time as programs write them: short or spelt out, in any case."""

from __future__ import annotations

_METRES = {"pico": 1e-6, "nano": 1e-3, "micro": 1.0, "milli": 1e3, "centi": 1e4, "deci": 1e5}
_SPELT_OUT = {
    f"{prefix}{metre}{plural}": size
    for prefix, size in (*_METRES.items(), ("", 1e6))
    for metre in ("meter", "metre")
    for plural in ("", "s")
}
_IN_MICROMETRES = _SPELT_OUT | {
    **{"pm": 1e-6, "nm": 1e-3, "mm": 1e3, "cm": 1e4, "dm": 1e5, "m": 1e6},
    **dict.fromkeys(("um", "µm", "μm", "\\u00b5m", "µ", "μ", "micron", "microns"), 1.0),
    **dict.fromkeys(("å", "angstrom", "angstroms", "ångström"), 1e-4),
    **dict.fromkeys(("inch", "inches", "in"), 25400.0),
}
_IN_SECONDS = {
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("us", "µs", "μs", "usec", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
}


def seconds(unit: str) -> float | None:
    """Return how long a unit of time is in seconds; None for what is none.

    Parameters
    ----------
    unit
        As it stands in a file, such as ``"sec"``, ``"Minutes"`` or ``"ms"``.
    """
    return _IN_SECONDS.get(unit.strip().lower())


def micrometres(unit: str) -> float | None:
    """Return how long a unit is in µm.

    Parameters
    ----------
    unit
        As it stands in a file, such as ``"um"``, ``"Micrometers"`` or ``"nm"``; None is returned
        for what is no unit of length, such as ``"pixel"``.
    """
    return _IN_MICROMETRES.get(unit.strip().lower())


def pixels(unit: str) -> float | None:
    """Return 1 where a unit is the pixel, and None for any other."""
    return 1.0 if unit.strip().lower() in ("pixel", "pixels") else None
