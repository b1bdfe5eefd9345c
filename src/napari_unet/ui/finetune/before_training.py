"""What is done before a training: look at what would be learnt from, and copy it."""

from __future__ import annotations

from functools import partial
from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import QObject, QTimer

from napari_unet.core.review.finding import Finding
from napari_unet.runs.prepared import Prepared
from napari_unet.ui.annotate.annotation_copies import change_events, painted_layers
from napari_unet.ui.finetune.data.asked import asked
from napari_unet.ui.finetune.data.pair_row import Pair
from napari_unet.ui.finetune.data.partner import annotations_in
from napari_unet.ui.finetune.data.training_request import TrainingRequest, check
from napari_unet.ui.finetune.form import FineTuneForm
from napari_unet.ui.layers.channel_axis import channel_axis
from napari_unet.ui.layers.geometry import moves
from napari_unet.ui.layers.in_view import Undos
from napari_unet.ui.widgets.findings_list import go_to
from napari_unet.ui.work.copies import ChunkedCopier, ChunkedCopy
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.errors import told
from napari_unet.ui.work.threads import LatestOnly
from napari_unet.ui.work.working_widget import WorkingWidget

_CALM = 400
"""Milliseconds without a further change, after which the annotations are looked at."""


class BeforeTraining(QObject):
    """Says what would be learnt from, a moment after it has changed, and copies it.

    Parameters
    ----------
    viewer, form
        Where things are shown and chosen.
    worker
        The widget that trains; while it does, nothing is looked at.

    Attributes
    ----------
    outdated
        Whether something has changed since it was copied.
    """

    def __init__(self, viewer: Viewer, form: FineTuneForm, worker: WorkingWidget) -> None:
        super().__init__(worker)
        self._viewer, self._form, self._worker = viewer, form, worker
        self._watched, self.outdated = Connections(), False
        self._looking, self._checks = ChunkedCopier(self), LatestOnly(self)
        self._calm = QTimer(self, singleShot=True, interval=_CALM)
        self._calm.timeout.connect(self._look)
        self._checks.returned.connect(self.show)
        form.changed.connect(self._changed)
        for event in (viewer.layers.events.inserted, viewer.layers.events.removed):
            worker.connections.add(event, self._changed)
        form.check.findings.chosen.connect(self._go_to)
        worker.connections.jobs.append(self)
        self._changed()

    def look_soon(self) -> None:
        """Look at what would be learnt from, unless it changes again in a moment."""
        self._calm.start()

    def quit(self) -> None:
        """Let go of the layers, and forget what is being looked at."""
        self._watched.undo()
        self._looking.quit()
        self._checks.quit()

    def show(self, checked: Prepared) -> None:
        """Show what was found, and what was chosen from the data."""
        if self._worker.closed:
            return
        check = self._form.check
        check.show_findings(checked.findings)
        if self._form.error.text().startswith(check.words.text()):
            check.words.hide()  # what is refused is not said twice
        if checked.config is not None:
            self._form.show_config(checked.config)

    def request(self) -> ChunkedCopy[TrainingRequest]:
        """Copy what is learnt from, a chunk at a time.

        Raises
        ------
        UserError
            If something is not chosen, or does not fit.
        """
        self.outdated = False
        return asked(self._form, (yield from self._form.pairs.copy()))

    def _changed(self, event: Any = None) -> None:
        """Look anew, and from now on at what is chosen now."""
        self._watched.undo()
        self._watched = Connections()
        for pair in self._form.pairs.pairs:
            self._watch(pair)
        listed = [pair.labels.value for pair in self._form.pairs.pairs]
        for _, labels in annotations_in(self._viewer.layers):
            if labels not in listed:  # it is told if there is something in it
                self._watched.add(labels.events.paint, self._painted)
        self._painted()

    def _watch(self, pair: Pair) -> None:
        """Look anew whenever something changes in a layer that is learnt from."""
        labels = pair.labels.value
        events = [] if labels is None else change_events(labels)
        for layer in filter(None, (pair.image.value, pair.weight.value)):
            events += [layer.events.data, *moves(layer)]
        events += [each.events.name for each in (pair.image.value, labels) if each]  # in findings
        for event in events:
            self._watched.add(event, self._painted)
        for painted in () if labels is None else painted_layers(labels):
            shown_anew = partial(self._shown_anew, Undos(self._viewer, painted))
            self._watched.add(painted.events.set_data, shown_anew)

    def _shown_anew(self, undos: Undos, event: Any = None) -> None:
        if not undos.only_moved():
            self._painted()

    def _painted(self, event: Any = None) -> None:
        """Look anew in a moment; a refusal was of what there was before."""
        self.outdated = True
        self._form.error.forget()
        self._calm.start()
        self._looking.quit()
        self._worker.copying.again()

    def _look(self) -> None:
        """Look at copies in a worker; what is not chosen yet is said where the findings stand."""
        if not self._worker.running and not self._worker.closed:
            self._looking.begin(self.request, self._check, self._say)

    def _check(self, request: TrainingRequest) -> None:
        self._checks.submit(partial(check, request))

    def _say(self, error: Exception) -> None:
        text = told(error)
        self._form.check.say("" if text == self._worker.error.text() else text)

    def _go_to(self, finding: Finding) -> None:
        pairs = self._form.pairs
        first = next(iter(pairs.layers()), None)
        layers = pairs.copied.find(finding.name) if finding.name else first
        if layers is not None:
            go_to(self._viewer, layers[1], finding, channel_axis(layers[1]))
