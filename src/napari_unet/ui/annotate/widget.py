"""The *Annotate* widget: paint objects, background and training rectangles, and correct them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from napari.layers import Image, Labels
from napari.viewer import Viewer
from qtpy.QtCore import QTimer, Signal

from napari_unet.core.annotation.annotation import BACKGROUND, IGNORED
from napari_unet.core.errors import UserError
from napari_unet.io.annotations.drafts import Draft
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.annotate.annotation_layers import is_annotation
from napari_unet.ui.annotate.form import AnnotateForm
from napari_unet.ui.annotate.results_below import show_as_outlines
from napari_unet.ui.annotate.session import AnnotationSession
from napari_unet.ui.annotate.start import Start
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.image_choice import in_viewer, is_uncorrected
from napari_unet.ui.work.dock_widget import DockWidget


class AnnotateWidget(DockWidget):
    """Makes annotations of images, and lets them be painted and corrected.

    Parameters
    ----------
    napari_viewer
        The viewer whose images are annotated.

    Attributes
    ----------
    image, start, labels, result
        What is chosen, as `value`, to be read and set: the image, what a new annotation starts
        from, the annotation that is worked on, and where objects are taken from.
    begun
        Brings the labels that an annotation was started from, None if they were deleted, and
        its objects.
    """

    title = "Annotate"
    begun = Signal(object, object)

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self._viewer = self.attach(napari_viewer)
        self._sessions: dict[Labels, AnnotationSession] = {}
        self.form = AnnotateForm(self._viewer, self)
        self.form.put_into(self)
        self.image, self.start = self.form.image, self.form.start
        self.labels, self.result = self.form.annotation, self.form.result
        self._start = Start(self, self.error.show_error, self._viewer.layers)
        form, leftover = self.form, self.form.leftover
        reads = [leftover.searches, leftover.reads, form.open.reads]
        self.connections.jobs += [self._start, form.save.writes, *reads]
        self._connect_form()
        self.connections.add(self._viewer.layers.events.removed, self._removed)
        for layer in self._viewer.layers:
            if is_annotation(layer):
                self._open(layer)
        self._work_on(self.form.annotation.value)
        self._look_for_draft()

    @property
    def session(self) -> AnnotationSession | None:
        """The work on the chosen annotation."""
        return self._sessions.get(self.form.annotation.value)

    def release(self) -> None:
        """Let go of the viewer; what is not saved stays in its autosaved copy, and is kept so."""
        super().release()
        while self._sessions:
            session = self._sessions.popitem()[1]
            session.quit()
            session.autosave.keep()

    def start_from(self, image: Image, labels: Labels) -> None:
        """Make an annotation of an image that starts from labels; `begun` tells when it is there.

        Raises
        ------
        UserError
            If they do not fit.
        """
        self._start.begin(image, labels)

    def _connect_form(self) -> None:
        form = self.form
        self.on_click(form.create, self._create)
        form.image.changed.connect(self._look_for_draft)
        form.annotation.changed.connect(self._work_on)
        for read in (form.leftover.restored, form.open.opened):
            read.connect(lambda *found: self.do(partial(self._restore, *found)))
        self._start.ready.connect(lambda *found: self.do(partial(self._begin, *found)))
        form.result.changed.connect(self._choose_result)
        form.whole.toggled.connect(self._choose_extent)
        form.protect.toggled.connect(self._protect)
        form.classes.edited.connect(self._classes_edited)
        form.classes.table.itemSelectionChanged.connect(self._class_chosen)
        actions: dict[Any, Callable[[AnnotationSession], None]] = {
            form.object: AnnotationSession.new_object,
            form.background: lambda session: session.paint_mark(BACKGROUND),
            form.ignore: lambda session: session.paint_mark(IGNORED),
            form.rectangle: AnnotationSession.draw_rectangle,
            form.plane: lambda session: session.add_rectangles(everywhere=False),
            form.all_planes: lambda session: session.add_rectangles(everywhere=True),
            form.take: AnnotationSession.take,
            form.add: lambda session: session.toggle(session.add),
            form.remove: lambda session: session.toggle(session.remove),
            form.pick: lambda session: session.toggle(session.picks),
            form.cut: lambda session: session.toggle(session.cut),
            form.edge: AnnotationSession.clear_edge,
            form.fill_planes: AnnotationSession.fill_planes,
            form.classes.give: AnnotationSession.give_class,
            form.classes.remove: AnnotationSession.remove_class,
        }
        for tool, button in form.tools.items():
            actions[button] = partial(_use, tool)
        for button, action in actions.items():
            button.clicked.connect(partial(self._do, action))

    def _do(self, action: Callable[[AnnotationSession], None], _: Any = None) -> None:
        session = self.session
        if session is not None:
            self.do(partial(action, session), self.form.work_error)
        self._show_picked()

    def _create(self) -> None:
        image, start = self.form.image.value, self.form.start.value
        if image is None:
            raise UserError("There is no image: drop one on the window or use File > Open Sample.")
        self.form.axes.check()
        if start is None:
            self._add(image)
        else:
            self.form.start.check(image)
            self._start.begin(image, start)

    def _restore(self, draft: Draft, copy: Path | None = None) -> None:
        image = self.form.image.value
        if image is not None:
            self._add(image, draft, copy)

    def _add(
        self, image: Image, draft: Draft | None = None, copy: Path | None = None
    ) -> AnnotationSession | None:
        if self.closed or in_viewer(image, self._viewer.layers) is None:
            return None
        show_as_outlines(self._viewer.layers, image)
        image.visible = True
        layer = add_annotation(self._viewer, image, draft, copy)
        self._open(layer)
        self.form.annotation.value = layer
        self._work_on(layer)
        self._sessions[layer].take_brush()
        return self._sessions[layer]

    def _begin(self, image: Image, draft: Draft, copied: Labels | None) -> None:
        """Add an annotation that starts from other labels, which it stands for from now on."""
        session = self._add(image, draft)
        if copied is not None:
            copied.visible = False
        if copied is not None and session is not None:
            session.parts.as_found = is_uncorrected(copied)
        self.begun.emit(copied, self.form.annotation.value)

    def _open(self, layer: Labels) -> None:
        session = AnnotationSession(self._viewer, layer, self.form.work_error)
        self._sessions[layer] = session
        for tool in (session.picks, session.add, session.remove):
            tool.changed.connect(self._show_picked)
        session.cut.ended.connect(self._show_picked)
        session.class_asked.connect(self.form.classes.choose)
        session.giving.followed.connect(self._classes_followed)
        self.connections.add(layer.events.selected_label, self._show_picked)
        self.connections.add(layer.events.preserve_labels, self._show_protected)

    def _removed(self, event: Any) -> None:
        session = self._sessions.pop(event.value, None)
        if session is not None:
            session.quit()
            kept = session.autosave.quit()
            QTimer.singleShot(0, partial(self._clear_up, session, kept))

    def _clear_up(self, session: AnnotationSession, kept: bool) -> None:
        """Remove what belonged to deleted objects, if it is in a file, and offer to restore it."""
        if kept and not self.closed and session.layer not in self._viewer.layers:
            session.parts.remove_from(self._viewer.layers)
        self._look_for_draft()

    def _work_on(self, layer: Labels | None) -> None:
        for other, session in self._sessions.items():
            if other is not layer:
                session.stop_tools()
                session.picks.clear()
        chosen = self.session
        self.form.save.work_on(None if chosen is None else (chosen.layer, chosen.autosave))
        self.form.work.setEnabled(chosen is not None)
        if chosen is not None:
            self.form.classes.show_classes(chosen.parts)
            self.form.show_stack(pixels_in(chosen.layer).ndim > 2)
            self._choose_extent()
            self._choose_result()
            self._class_chosen()
        self._show_picked()
        self._show_protected()

    def _look_for_draft(self, _: Any = None) -> None:
        """Offer what was not saved, also of a deleted layer; not while napari is being closed."""
        if not self.closed:
            self.form.leftover.look(self.form.image.value)

    def _choose_extent(self, _: Any = None) -> None:
        for session in self._sessions.values():
            session.whole = self.form.whole.isChecked() and pixels_in(session.layer).ndim > 2

    def _protect(self, protected: bool) -> None:
        if self.session is not None:
            self.session.layer.preserve_labels = protected

    def _show_protected(self, _: Any = None) -> None:
        if self.session is not None and not self.closed:
            self.form.protect.setChecked(self.session.layer.preserve_labels)

    def _choose_result(self, _: Any = None) -> None:
        for session in self._sessions.values():
            session.source = self.form.result.value

    def _class_chosen(self) -> None:
        if self.session is not None:
            self.session.choose_class(self.form.classes.chosen())

    def _classes_followed(self) -> None:
        if self.session is not None and not self.closed:
            self.form.classes.show_classes(self.session.parts)
            self._classes_edited()

    def _classes_edited(self) -> None:
        self._class_chosen()
        if self.session is not None:
            self.session.classes.recolour()
            self.session.classes.update()
            self.session.autosave.changed()
        self._show_picked()

    def _show_picked(self, _: Any = None) -> None:
        session, form = self.session, self.form
        if session is None or self.closed:
            return
        form.add.setChecked(session.add.active)
        form.remove.setChecked(session.remove.active)
        form.pick.setChecked(session.picks.active)
        form.cut.setChecked(session.cut.active)
        classes = session.parts.classes
        words = [f"{n} ({form.classes.name(classes.get(n, 1))})" for n in session.picks.numbers]
        form.picked.show_state(session.tool(), words, session.layer.selected_label)


def _use(tool: Any, session: AnnotationSession) -> None:
    session.use(tool)
