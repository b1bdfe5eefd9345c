"""What a training has brought: before against after, and what to do with the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QFormLayout,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
)

from napari_unet.core.review.finding import Finding
from napari_unet.ui.finetune.result.figures import FiguresTable
from napari_unet.ui.finetune.result.kept_line import KeptLine
from napari_unet.ui.widgets.findings_list import FindingsList
from napari_unet.ui.widgets.layout import beside
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.error_line import ErrorLine

_NO_PLACE = Finding(
    "info",
    "No place is left where the model is unsure.",
    "Open other images to look for more, or paint where you see mistakes.",
)


class FineTuneResult(QGroupBox):
    """Shows before and after, and keeps the model; hidden before the first training has ended.

    Attributes
    ----------
    error
        What went wrong when one of its buttons was clicked.
    kept
        Emitted when the model is to be kept.
    chosen
        Emitted with ``"best"`` or ``"last"`` when the user takes that model.
    changes, suggest
        Emitted when the user wants to see what changed, or what to paint next.
    """

    kept = Signal()
    chosen = Signal(str)
    changes = Signal()
    suggest = Signal()

    def __init__(self) -> None:
        super().__init__("Result")
        self.verdict = Words()
        self.table = FiguresTable()
        self.cells = self.table.cells
        self.best, self.last = QRadioButton("best"), QRadioButton("last")
        self.best.setToolTip("The latest of the best on the held-out pixels, within chance.")
        self.last.setToolTip("The model of the last epoch.")
        self.best.setChecked(True)
        self.name, self.keep = QLineEdit(), QPushButton("Keep model")
        self.name.setToolTip("The name under which the Segment widget lists the model.")
        self.keep.setToolTip("Keep the model under this name; every widget lists it at once.")
        self.kept_line = KeptLine()
        self.show_changes = QPushButton("Show what changed")
        self.show_changes.setToolTip(
            "Add a layer with the held-out objects that are found now, those that are still "
            "missed, and those that are found where there are none."
        )
        self.legend = QLabel()
        self.legend.setWordWrap(True)
        self.legend.hide()
        self.suggest_next = QPushButton("Suggest what to paint next")
        self.suggest_next.setToolTip("Look for the places where this model is least sure.")
        self.error, self.places = ErrorLine(), FindingsList()
        self.places.hide()
        self._lay_out()
        self.keep.clicked.connect(self.kept)
        self.name.returnPressed.connect(self.kept)
        self.show_changes.clicked.connect(self.changes)
        self.suggest_next.clicked.connect(self.suggest)
        self.best.toggled.connect(lambda best: self.chosen.emit("best" if best else "last"))
        self.hide()

    @property
    def which(self) -> str:
        """``"best"`` or ``"last"``."""
        return "best" if self.best.isChecked() else "last"

    def begin(self, name: str) -> None:
        """Show the result of another training, which may be kept under a name."""
        self.name.setText(name)
        self.kept_line.hide()
        self.places.hide()
        self.legend.hide()
        blocked = self.best.blockSignals(True)
        self.best.setChecked(True)
        self.best.blockSignals(blocked)
        self.show()

    def show_comparison(self, comparison: Any) -> None:
        """Show before and after.

        Parameters
        ----------
        comparison
            A `Comparison`.
        """
        self.verdict.setText(comparison.verdict)
        self.table.show_figures(before=comparison.before, after=comparison.after)

    def show_places(self, places: Sequence[Finding]) -> None:
        """List where to paint next; a click leads there."""
        self.places.show_findings(places or [_NO_PLACE])
        self.places.show()

    def show_legend(self, colours: Mapping[str, str], images: Sequence[str]) -> None:
        """Say what the colours of the changes mean, and on which images they are."""
        words = [f'<span style="color:{each}">■</span> {name}' for name, each in colours.items()]
        names = ", ".join(f"“{escape(name)}”" for name in images)
        self.legend.setText(f"{' &nbsp; '.join(words)}<br>on {names}")
        self.legend.show()

    def set_enabled(self, enabled: bool) -> None:
        """Let the buttons be clicked, or not while something is being computed."""
        for part in (
            self.kept_line,
            self.keep,
            self.show_changes,
            self.suggest_next,
            self.best,
            self.last,
        ):
            part.setEnabled(enabled)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.addWidget(self.verdict)
        layout.addWidget(self.table)
        rows = QFormLayout()
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.addRow("Model", beside(self.best, self.last))
        rows.addRow("Name", beside(self.name, self.keep))
        layout.addLayout(rows)
        for part in (
            self.kept_line,
            self.show_changes,
            self.legend,
            self.suggest_next,
            self.error,
            self.places,
        ):
            layout.addWidget(part)
