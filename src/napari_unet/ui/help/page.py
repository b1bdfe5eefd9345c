"""What a widget is for, and the page of the documentation that a click on "?" opens."""

from __future__ import annotations

import re
from pathlib import Path

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QDialog, QLabel, QTextBrowser, QToolButton, QVBoxLayout, QWidget

import napari_unet
from napari_unet.ui.widgets.layout import beside

PAGES = {
    "Segment": ("first-five-minutes.md", "Segment", "Find the objects in an image."),
    "Annotate": ("annotate.md", "Annotate", "Paint what a network is to learn."),
    "Weight map": ("weight-map.md", "The weight map", "See how much each pixel counts."),
    "Fine-tune": ("fine-tune.md", "Fine-tune", "Learn from what you painted."),
    "Batch": ("first-five-minutes.md", "Many images", "Segment many files at once."),
    "Measure": ("measure.md", "Measure", "Get numbers about each object."),
    "Export": ("export.md", "Export", "Write labels for other programs."),
}
"""For each widget the page and its heading, and what the widget is for."""
_PACKAGE = Path(napari_unet.__file__).parent
_FOLDERS = (_PACKAGE / "docs", _PACKAGE.parents[1] / "docs")
"""Where pages lie: in an installed package, and in the repository."""
_PICTURE = re.compile(r"^!\[.*?\]\(.*?\)\n", re.M)
_INCLUDED = re.compile(r'^--8<-- "src/napari_unet/(.*?)"', re.M)
_COMMENT = re.compile(r"<!--.*?-->", re.S)


def help_row(title: str) -> QWidget:
    """Return a line that says what a widget is for, with a button that opens its page.

    Parameters
    ----------
    title
        Of the widget, one of `PAGES`.
    """
    return page_row(title, *PAGES[title])


def page_row(title: str, page: str, heading: str, words: str) -> QWidget:
    """Return a line of words with a button that opens a page.

    Parameters
    ----------
    title
        What the page explains the work with.
    page, heading
        The page's file, and where in it one begins to read.
    words
        What one can do, in a few words.
    """
    asked = QToolButton()
    asked.setText("?")
    asked.setToolTip(f"How to work with {title}: opens the page of the documentation.")
    asked.clicked.connect(lambda: HelpDialog(asked).show_page(page, heading))
    row = beside(QLabel(words), asked)
    row.layout().setStretch(0, 1)
    return row


class HelpDialog(QDialog):
    """Shows pages of the documentation, which came with the package, without their pictures."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = QTextBrowser(openLinks=False)
        self.text.anchorClicked.connect(self._follow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        self.resize(680, 640)

    def show_page(self, page: str, heading: str = "") -> None:
        """Show a page, from a heading on."""
        self.text.setMarkdown(read_page(page))
        self.setWindowTitle(self.text.document().firstBlock().text())
        self.show()
        block = self.text.document().firstBlock()
        while block.isValid() and not (
            block.text() == heading and block.blockFormat().headingLevel()
        ):
            block = block.next()
        top = self.text.document().documentLayout().blockBoundingRect(block).top()
        self.text.verticalScrollBar().setValue(round(top) if block.isValid() else 0)

    def _follow(self, url: QUrl) -> None:
        if url.isRelative():
            self.show_page(url.path())
        else:
            QDesktopServices.openUrl(url)


def read_page(name: str) -> str:
    """Return the text of a page of the documentation, in markdown and without pictures.

    Parameters
    ----------
    name
        Such as ``"annotate.md"``.
    """
    file = next(path for folder in _FOLDERS if (path := folder / name).is_file())
    text = file.read_text(encoding="utf-8")
    text = _INCLUDED.sub(lambda found: (_PACKAGE / found[1]).read_text(encoding="utf-8"), text)
    return _COMMENT.sub("", _PICTURE.sub("", text))
