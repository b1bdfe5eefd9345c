"""What a dock widget lets go of when it is closed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from napari.viewer import Viewer
from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QAbstractButton, QDockWidget, QWidget

from napari_unet.ui.work.canvas import make_current
from napari_unet.ui.work.error_line import ErrorLine
from napari_unet.ui.work.settings import say_nonsense, use_folder
from napari_unet.ui.work.tabs import DockTab


class BackgroundJob(Protocol):
    """Something that runs beside the window and can be told to end."""

    def quit(self) -> None:
        """Ask it to end, and to tell nobody."""


class Connections:
    """The connections to the viewer's events, and the jobs that may be running.

    Attributes
    ----------
    jobs
        Told to quit on `undo`.
    undone
        Whether `undo` was called: the widget is closed, and may be gone.
    """

    def __init__(self) -> None:
        self.jobs: list[BackgroundJob] = []
        self.undone = False
        self._made: list[tuple[Any, Callable[..., Any]]] = []

    def add(self, signal: Any, slot: Callable[..., Any]) -> None:
        """Connect, and remember it."""
        signal.connect(slot)
        self._made.append((signal, slot))

    def undo(self, _: Any = None) -> None:
        """Undo all connections and end all jobs."""
        self.undone = True
        while self._made:
            signal, slot = self._made.pop()
            # napari 0.6 compares what is connected, which fails where Qt has deleted it already
            with suppress(RuntimeError):
                signal.disconnect(slot)
        while self.jobs:
            job = self.jobs.pop()
            # a script that ends with an open window deletes them in any order
            if not isinstance(job, QObject) or isalive(job):
                job.quit()


class DockWidget(QWidget):
    """A widget for napari's dock that lets go of the viewer when it is closed.

    napari takes a closed dock widget's content out of the window without closing it, and deletes
    it with the window; both count as closing.

    Attributes
    ----------
    title
        What its tab says.
    error
        What went wrong, to be laid out under the main button.
    """

    title = ""

    def __init__(self) -> None:
        super().__init__()
        use_folder()
        say_nonsense()
        self.connections = Connections()
        self.error, self._tab = ErrorLine(), DockTab(self.title)
        self._tab.setParent(self)
        # a method, which Qt knows weakly: anything else may be freed before the widget
        self.destroyed.connect(self.connections.undo)

    @property
    def closed(self) -> bool:
        """Whether the widget was closed; its parts may not be there any more."""
        return self.connections.undone

    def attach(self, viewer: Viewer) -> Viewer:
        """Return the viewer itself, from which layers may be removed from now on.

        napari hands out a stand-in, through which every look at a layer gives a new object, so
        that layers could not be told apart or remembered.
        """
        viewer = getattr(viewer, "__wrapped__", viewer)
        # what napari itself does when a layer was removed comes before all that others do then
        self.connections.add(viewer.layers.events.removing, partial(make_current, viewer))
        return viewer

    def on_click(
        self, button: QAbstractButton, action: Callable[[], None], line: ErrorLine | None = None
    ) -> None:
        """Do something when a button is clicked.

        Parameters
        ----------
        button, action
            What is clicked, and what it does.
        line
            Where it is said what went wrong; None for under the main button.
        """
        button.clicked.connect(lambda: self.do(action, line))

    def do(self, action: Callable[[], None], line: ErrorLine | None = None) -> None:
        """Do what a button says, and show what goes wrong; see `on_click`."""
        (line or self.error).run(action)

    def release(self) -> None:
        """Undo all connections and end what is running; nothing happens in here afterwards."""
        self.connections.undo()

    def event(self, event: QEvent) -> bool:
        """Release when closed or taken out of the window; look at the settings on coming back."""
        gone = event.type() == QEvent.Type.ParentChange and self.parent() is None
        if not self.closed and (gone or event.type() == QEvent.Type.Close):
            self.release()
        if event.type() == QEvent.Type.WindowActivate and not self.closed:
            use_folder()
        if event.type() == QEvent.Type.ParentChange and isinstance(self.parent(), QDockWidget):
            self._tab.enter(self.parent())
        return bool(super().event(event))
