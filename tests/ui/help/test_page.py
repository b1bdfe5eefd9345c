"""A click on "?" shows the page of the documentation, offline, in the repository and installed."""

import re
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from qtpy.QtCore import QUrl
from qtpy.QtWidgets import QToolButton

import napari_unet
from napari_unet.ui.help import page as help_module
from napari_unet.ui.help.page import PAGES, HelpDialog, help_row, read_page
from napari_unet.ui.work.tabs import ORDER

ROOT = Path(napari_unet.__file__).parents[2]


def links(page):
    return set(re.findall(r"\]\(([a-z-]+\.md)", read_page(page)))


def test_every_widget_has_a_page_with_its_heading():
    assert list(PAGES) == list(ORDER)
    for page, heading, _ in PAGES.values():
        assert re.search(rf"^#+ {heading}$", read_page(page), re.M)
        assert "![" not in read_page(page)


@pytest.mark.parametrize("title", PAGES)
def test_a_click_opens_the_page_at_the_heading(qtbot, title, click):
    row = help_row(title)
    qtbot.addWidget(row)
    click(row.findChild(QToolButton))
    dialog = row.findChild(HelpDialog)
    assert dialog.isVisible()
    text = dialog.text
    seen = [text.cursorForPosition(text.viewport().rect().topLeft()).block()]
    for _ in range(3):
        seen.append(seen[-1].next())
    bottom = text.verticalScrollBar().value() == text.verticalScrollBar().maximum()
    assert bottom or PAGES[title][1] in [block.text() for block in seen]


def test_links_lead_to_other_pages(qtbot, click):
    row = help_row("Weight map")
    qtbot.addWidget(row)
    click(row.findChild(QToolButton))
    dialog = row.findChild(HelpDialog)
    dialog.text.anchorClicked.emit(QUrl("how-it-works.md#x"))
    assert dialog.windowTitle() == "How it works"


def test_the_wheel_holds_the_pages_and_those_they_link_to(tmp_path, monkeypatch):
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path)
    package = tmp_path / "napari_unet"
    monkeypatch.setattr(help_module, "_FOLDERS", (package / "docs",))
    monkeypatch.setattr(help_module, "_PACKAGE", package)
    waiting = {page for page, _, _ in PAGES.values()}
    seen = set()
    while waiting:
        page = waiting.pop()
        seen.add(page)
        waiting |= links(page) - seen
    assert {"models.md", "how-it-works.md"} <= seen
