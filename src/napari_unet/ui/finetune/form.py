"""What the *Fine-tune* widget shows."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from superqt import QCollapsible

from napari_unet.core.config import TargetConfig, TrainConfig
from napari_unet.ui.finetune.data.check_line import CheckLine
from napari_unet.ui.finetune.data.pairs_table import PairsTable
from napari_unet.ui.finetune.result.result_box import FineTuneResult
from napari_unet.ui.finetune.running.offer_line import OfferLine
from napari_unet.ui.finetune.running.training_view import RunState
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.widgets.model_box import ModelBox
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.progress_row import ProgressRow

_SAID_ABOVE = ("epochs", "minutes")


class FineTuneForm(QObject):
    """The parts of the *Fine-tune* widget and where they lie; what they do is said there.

    Attributes
    ----------
    changed
        Emitted when something else is to be learnt, by another model, or in another way.
    """

    changed = Signal()

    def __init__(
        self,
        viewer: ViewerModel,
        connections: Connections,
        button: QPushButton,
        progress: ProgressRow,
    ) -> None:
        super().__init__()
        self.button = button
        self.offer = OfferLine()
        self.pairs = PairsTable(viewer, connections)
        self.model = ModelBox(scratch=True)
        self.model.setToolTip("The model that is taught more, or a network that knows nothing yet.")
        self.extent = QComboBox()
        self.extent.addItem("each plane on its own", 2)
        self.extent.addItem("volumes", 3)
        self.extent.setToolTip("Whether the new network looks at planes or at whole volumes.")
        self.count, self.unit = QSpinBox(), QComboBox()
        self.count.setRange(1, 100_000)
        self.count.setValue(5)
        self.unit.addItems(["minutes", "epochs"])
        for part in (self.count, self.unit):
            part.setToolTip("How long to train; you can stop earlier and keep the best so far.")
        self.check = CheckLine()
        self.train, self.targets = Form(TrainConfig()), Form(TargetConfig())
        self.reset = QPushButton("Choose from the data")
        self.reset.setToolTip("Undo your changes: take the values that suit the annotations.")
        self.advanced = self._advanced_part()
        self.state = RunState(progress)
        self.result = FineTuneResult()
        self.setup = self._setup_part()
        self._touched = self._filling = False
        for form in (self.train, self.targets):
            form.changed.connect(self._touch)
        self.reset.clicked.connect(self._untouch)
        self.pairs.changed.connect(self._tell)
        for signal in (self.model.changed, self.extent.currentIndexChanged, self.reset.clicked):
            signal.connect(self._tell)
        self._tell()

    def put_into(self, widget: QWidget) -> None:
        """Lay the parts out in a widget that scrolls where they are taller than it."""
        content = QWidget()
        layout = QVBoxLayout(content)
        for part in (self.offer, self.setup, self.state, self.result):
            layout.addWidget(part)
        layout.addStretch()
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(content)
        outer = QVBoxLayout(widget)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        widget.setMinimumWidth(300)

    def length(self) -> tuple[str, int]:
        """Return ``"minutes"`` or ``"epochs"``, and how many."""
        return self.unit.currentText(), self.count.value()

    def chosen(self) -> tuple[TrainConfig | None, TargetConfig | None]:
        """Return what the user has changed under *Advanced*; None where nothing."""
        return (self.train.value(), self.targets.value()) if self._touched else (None, None)

    def show_config(self, config: Any) -> None:
        """Show what was chosen from the data, unless the user has chosen."""
        if self._touched:
            return
        self._filling = True
        self.train.set_value(config.train)
        self.targets.set_value(config.targets)
        self._filling = False

    def begin(self) -> None:
        """Show that a training runs."""
        for part in (self.setup, self.offer, self.result):
            part.hide()
        self.state.begin()

    def end(self) -> None:
        """Show that none runs."""
        self.setup.show()
        self.state.end()
        self.result.set_enabled(True)

    def _touch(self, _: Any = None) -> None:
        if not self._filling:
            self._touched = True
            self.changed.emit()

    def _untouch(self) -> None:
        self._touched = False

    def _tell(self, _: Any = None) -> None:
        self.rows.setRowVisible(self.extent, self.model.preset() is not None)
        self.changed.emit()

    def _setup_part(self) -> QWidget:
        part, length = QWidget(), QWidget()
        row = QHBoxLayout(length)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.count, 1)
        row.addWidget(self.unit, 1)
        self.rows = QFormLayout()
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.rows.addRow("Start from", self.model)
        self.rows.addRow("Looks at", self.extent)
        self.rows.addRow("Length", length)
        layout = QVBoxLayout(part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pairs)
        layout.addLayout(self.rows)
        for each in (self.button, self.check, self.advanced):
            layout.addWidget(each)
        return part

    def _advanced_part(self) -> QCollapsible:
        folded = QCollapsible("Advanced")
        for name in _SAID_ABOVE:
            self.train.layout().setRowVisible(self.train.fields[name], False)
        for part in (self.train, self.targets, self.reset):
            folded.addWidget(part)
            for box in part.findChildren(QComboBox):
                box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return folded
