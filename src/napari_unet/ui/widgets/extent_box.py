"""The choice whether objects extend in planes or through them."""

from __future__ import annotations

from magicgui.widgets import ComboBox


def extent_box(tip: str) -> ComboBox:
    """Return the choice between planes and volumes; its `value` is along how many axes, 2 or 3."""
    choices = [("in each plane on its own", 2), ("through the whole depth", 3)]
    return ComboBox(choices=choices, tooltip=tip)
