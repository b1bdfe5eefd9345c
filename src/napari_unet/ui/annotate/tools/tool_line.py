"""A line that says what a click does, and which objects are picked."""

from __future__ import annotations

from collections.abc import Sequence

from napari_unet.ui.annotate.tools.click_tool import ClickTool
from napari_unet.ui.widgets.words import Words

NAMED = 4
"""Picked objects that are named; of more than that the number is said."""


class ToolLine(Words):
    """Says what the next click in the image does; two lines are kept for that."""

    def __init__(self) -> None:
        super().__init__(lines=2)
        self.show_state(None, [])

    def show_state(self, tool: ClickTool | None, picked: Sequence[str], selected: int = 0) -> None:
        """Show what a click does.

        Parameters
        ----------
        tool
            Which takes the clicks, if any does.
        picked
            The picked objects in words.
        selected
            The number of the object that is corrected where none is picked; 0 for none.
        """
        more = f" and {len(picked) - NAMED} more" if len(picked) > NAMED else ""
        if picked:
            said = f"Picked: {', '.join(picked[:NAMED])}{more}."
        elif selected:
            said = f"Nothing is picked: object {selected}, the one you paint, is corrected."
        else:
            said = "Nothing is picked."
        self.setText(tool.hint if tool is not None and tool.hint else said)
