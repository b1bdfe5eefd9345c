"""A line that says what is learnt from, and unfolds to what was found wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtWidgets import QToolButton, QVBoxLayout, QWidget

from napari_unet.core.review.finding import Finding
from napari_unet.core.words import counted
from napari_unet.ui.widgets.findings_list import FindingsList
from napari_unet.ui.widgets.words import Words


class CheckLine(QWidget):
    """Says in one line what is learnt from; the findings unfold below it."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.unfold, self.findings = Words(), QToolButton(), FindingsList()
        self.unfold.setCheckable(True)
        self.unfold.setToolTip("Show what was found, and what to do about it.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for part in (self.words, self.unfold, self.findings):
            layout.addWidget(part)
        self.unfold.toggled.connect(self._fold)
        self._title = ""
        self.say("")

    def say(self, text: str) -> None:
        """Show a sentence in place of findings."""
        self.words.setText(text)
        self.words.setVisible(bool(text))
        self.unfold.setChecked(False)
        self.unfold.hide()
        self.findings.hide()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show findings, the most urgent one in the line."""
        wrong = [each for each in findings if each.level == "error"]
        told = [each for each in findings if each.level == "info" and not each.name]
        first = next(iter([*wrong, *told, *findings]), None)
        self.words.setText("" if first is None else first.headline)
        self.words.setVisible(first is not None)
        self._title = _title(findings)
        self.findings.show_findings(findings)
        self.unfold.setVisible(bool(findings))
        self._fold(self.unfold.isChecked())

    def _fold(self, unfolded: bool) -> None:
        self.unfold.setText(f"{self._title} {'▾' if unfolded else '▸'}")
        self.findings.setVisible(unfolded)


def _title(findings: Sequence[Finding]) -> str:
    for level, word in (("error", "problem"), ("warning", "hint")):
        count = sum(finding.level == level for finding in findings)
        if count:
            return counted(count, word)
    return "Details"
