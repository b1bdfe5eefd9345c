"""Looks whether the chosen model fits the chosen image, and does what is proposed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtCore import QObject, QTimer

from napari_unet.core.errors import UserError
from napari_unet.storage.model_header import bundled_models
from napari_unet.ui.segment.form import SegmentForm
from napari_unet.ui.segment.job import SegmentJob
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.opening import open_widget

if TYPE_CHECKING:
    from napari_unet.nn.prediction.propose import Looked

DELAY = 300
"""Milliseconds after the last change of the form."""


class Fitting(QObject):
    """Keeps the line about the fit up to date.

    Parameters
    ----------
    viewer, form, connections
        The viewer, what the widget shows, and where what must end with it is kept.
    make_job
        Returns what would be segmented of an image, with channels in place of those chosen.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        form: SegmentForm,
        make_job: Callable[[Image | None, tuple[int, ...] | None], SegmentJob],
        connections: Connections,
    ) -> None:
        super().__init__()
        self._viewer, self._form, self._make_job = viewer, form, make_job
        self._connections, self._line = connections, form.fit
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._look)
        connections.jobs += [self, self._line.latest]
        for change in (form.image.changed, form.axes.changed, form.channels.changed):
            change.connect(form.model.unsettle)
            change.connect(self.begin)
        for change in (form.model.chosen, form.size.changed, form.grey.changed):
            change.connect(self.begin)
        self._line.found.connect(self._settle)
        self._line.other.clicked.connect(self._take_other)
        self._line.exchange.clicked.connect(self._follow)
        self._line.train.clicked.connect(self._annotate)
        self.begin()

    def begin(self, _: Any = None) -> None:
        """Look soon."""
        self.rest()
        if not self._connections.undone:
            self._timer.start()

    def rest(self) -> None:
        """Leave the computer to other work; what was found out stays."""
        self._timer.stop()
        self._line.latest.quit()

    quit = rest

    def _look(self) -> None:
        image, names = self._form.image.value, self._form.channels.names
        self._line.forget()
        if image is None:
            return
        colours = image.rgb and len(names) == 3 and not self._form.channels.chosen
        try:
            job = self._make_job(image, () if colours and not self._form.model.channels else None)
        except UserError:  # something is to be chosen first; Segment says what
            return
        if job.model:
            self._line.look(job.source.image, job.model, job.request, colours=colours)

    def settle(self, model: Path, channels: tuple[int, ...]) -> None:
        """Keep to the model that *Auto* has found, and to the channels if nobody has chosen any."""
        own = self._form.channels.chosen
        self._form.model.settle(model, () if own else channels)

    def _settle(self, looked: Looked) -> None:
        if self._form.model.automatic:
            self.settle(bundled_models()[looked.model], looked.request.channels)
            self._timer.stop()  # the form follows the model, of which all was found out

    def _take_other(self) -> None:
        better = self._line.better
        if better is not None:
            self._line.forget()
            self._form.model.value = better.name
            self._form.channels.choose(better.request.channels)
            self._form.button.click()

    def _follow(self) -> None:
        proposed = self._line.proposed
        if proposed is not None:
            self._line.forget()
            self._form.model.unsettle()
            self._form.grey.set_value(proposed.grey)
            self._form.channels.choose(proposed.channels)
            self._form.button.click()

    def _annotate(self) -> None:
        open_widget(self._viewer, "Annotate")
