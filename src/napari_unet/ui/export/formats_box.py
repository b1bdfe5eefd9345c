"""The formats that are written: the most used ones, and the others folded."""

from __future__ import annotations

from qtpy.QtWidgets import QCheckBox, QGridLayout, QWidget
from superqt import QCollapsible

from napari_unet.io.exchange.formats import FORMATS
from napari_unet.ui.widgets.layout import Part, group, rows

_SEEN = ("tiff", "csv", "roi", "geojson")
_FIRST = ("tiff", "csv")
_COLUMNS = 2


class FormatsBox:
    """A box for each format.

    Parameters
    ----------
    image, nuclei
        What is folded beside the other formats: where the image is chosen that some of them show,
        and the nuclei of cells.

    Attributes
    ----------
    boxes
        The boxes, by the format's word.
    seen, folded
        What is laid out.
    """

    def __init__(self, image: Part, nuclei: Part) -> None:
        self.boxes = {word: _box(word) for word in FORMATS}
        others = [word for word in FORMATS if word not in _SEEN]
        self.seen = group("Formats", self._grid(_SEEN))
        self.folded, shown = QCollapsible("Advanced"), QWidget()
        shown.setLayout(rows(("Over image", image), ("Nuclei", nuclei)))
        shown.layout().setContentsMargins(0, 0, 0, 0)
        for part in (self._grid(others), shown):
            self.folded.addWidget(part)
        self.folded.content().layout().setContentsMargins(0, 0, 0, 0)

    @property
    def chosen(self) -> list[str]:
        """The formats that are ticked and can be written."""
        return [word for word, box in self.boxes.items() if box.isChecked() and box.isEnabled()]

    def show_objects(self, there: bool) -> None:
        """Offer only what classes alone can be written as where no objects are chosen."""
        for word, box in self.boxes.items():
            box.setEnabled(there or FORMATS[word].classes)

    def _grid(self, words: tuple[str, ...] | list[str]) -> QWidget:
        part = QWidget()
        grid = QGridLayout(part)
        grid.setContentsMargins(0, 0, 0, 0)
        for place, word in enumerate(words):
            grid.addWidget(self.boxes[word], *divmod(place, _COLUMNS))
        return part


def _box(word: str) -> QCheckBox:
    box = QCheckBox(FORMATS[word].told)
    box.setToolTip(FORMATS[word].about)
    box.setChecked(word in _FIRST)
    return box
