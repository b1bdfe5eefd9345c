"""Units of length as programs write them: short or spelt out, singular or plural, in any case."""

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
