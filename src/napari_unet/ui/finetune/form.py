"""What the *Fine-tune* widget shows."""

from __future__ import annotations

from typing import Any

from magicgui.widgets import ComboBox, SpinBox
from napari.components import ViewerModel
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from napari_unet.core.config import ModelConfig, TargetConfig
from napari_unet.core.train_config import TrainConfig
from napari_unet.ui.finetune.advanced import advanced_part
from napari_unet.ui.finetune.data.check_line import CheckLine
from napari_unet.ui.finetune.data.extent_box import ExtentBox
from napari_unet.ui.finetune.data.pairs_table import PairsTable
from napari_unet.ui.finetune.result.result_box import FineTuneResult
from napari_unet.ui.finetune.running.offer_line import OfferLine
from napari_unet.ui.finetune.running.training_view import RunState
from napari_unet.ui.help.page import help_row
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.widgets.layout import below, beside, button, fill, place, rows
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.widgets.scroll_area import scroll_to
from napari_unet.ui.widgets.shared_box import share_model
from napari_unet.ui.work.settings import usual_training
from napari_unet.ui.work.working_widget import WorkingWidget


class FineTuneForm(QObject):
    """The parts of the *Fine-tune* widget and where they lie; what they do is said there.

    Attributes
    ----------
    changed
        Emitted when something else is to be learnt, by another model, or in another way.
    """

    changed = Signal()

    def __init__(self, viewer: ViewerModel, widget: WorkingWidget) -> None:
        super().__init__()
        connections = widget.connections
        self.button, self.error = widget.button, widget.error
        self.offer = OfferLine()
        self.pairs = PairsTable(viewer, connections)
        self.model = ModelBox(connections, scratch=True)
        share_model(self.model, viewer, connections)
        self.model.tooltip = (
            "The model that is taught more, or a network that knows nothing yet. Automatic takes "
            "the best of both, which a short trial at the beginning finds out."
        )
        self.extent = ExtentBox()
        tip = "How long to train; you can stop earlier and keep the best so far."
        self.count = SpinBox(value=5, min=1, max=100_000, tooltip=tip)
        self.unit = ComboBox(choices=["minutes", "epochs"], tooltip=tip)
        self.check = CheckLine()
        self.train, self.targets = Form(usual_training()), Form(TargetConfig())
        self.reset = button("Choose from the data", "Take the values that suit the annotations.")
        self.advanced = advanced_part(self.train, self.targets, self.reset)
        self.state = RunState(widget.progress)
        self.result = FineTuneResult()
        tip = "Show the form again: to train on, on more images, or from another model."
        self.again = button("Train again…", tip)
        self.again.clicked.connect(lambda: self.fold(False))
        self.setup = self._setup_part()
        self._touched = self._filling = self._folded = False
        for form in (self.train, self.targets):
            form.changed.connect(self._touch)
        self.reset.clicked.connect(self._untouch)
        self.pairs.changed.connect(self._tell)
        self.model.chosen.connect(self._show_images)
        for signal in (self.model.chosen, self.extent.changed, self.reset.clicked):
            signal.connect(self._tell)
        self._tell()

    def put_into(self, widget: QWidget) -> None:
        """Lay the parts out in a widget that scrolls where they are taller than it."""
        result = (self.result, self.again)
        fill(widget, help_row("Fine-tune"), place(self.offer), *result, self.setup, self.state)
        self.fold(False)

    def length(self) -> tuple[str, int]:
        """Return ``"minutes"`` or ``"epochs"``, and how many."""
        return self.unit.value, self.count.value

    def device(self) -> str:
        """Return where the network is trained, also where the rest is chosen from the data."""
        return str(self.train.fields["device"].value)

    def chosen(self) -> tuple[TrainConfig | None, TargetConfig | None]:
        """Return what the user has changed under *Advanced*; None where nothing."""
        return (self.train.value(), self.targets.value()) if self._touched else (None, None)

    def show_config(self, config: Any) -> None:
        """Show what was chosen from the data, unless the user has chosen."""
        self.extent.show_usual(config.model.ndim)
        if self._touched:
            return
        self._filling = True
        self.train.set_value(config.train)
        self.targets.set_value(config.targets)
        self._filling = False

    def begin(self) -> None:
        """Show that a training runs."""
        self.fold(False)
        for part in (self.setup, self.offer, self.result):
            part.hide()
        self.state.begin()

    def end(self) -> None:
        """Show that none runs."""
        self.fold(self._folded)
        self.state.end()
        self.result.set_enabled(True)

    def fold(self, folded: bool) -> None:
        """Fold what is set before a training, so that its result comes first; or unfold it."""
        self._folded = folded
        self.again.setVisible(folded)
        self.setup.setVisible(not folded)
        if folded:
            scroll_to(self.result)

    def _touch(self, _: Any = None) -> None:
        if not self._filling:
            self._touched = True
            self.changed.emit()

    def _untouch(self) -> None:
        self._touched = False
        self.extent.forget()

    def _tell(self, _: Any = None) -> None:
        self.rows.setRowVisible(self.extent.native, self.model.preset() is not None)
        self.changed.emit()

    def _show_images(self) -> None:
        self.pairs.show_channels(ModelConfig.from_dict(self.model.header()["config"]).in_channels)

    def _setup_part(self) -> QWidget:
        self.rows = rows(
            ("Start from", self.model),
            ("Looks at", self.extent),
            ("Length", beside(self.count, self.unit)),
        )
        return below(self.pairs, self.rows, self.button, self.error, self.check, self.advanced)
