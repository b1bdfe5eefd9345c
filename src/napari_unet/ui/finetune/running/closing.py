"""What becomes of a training when its window is closed."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QMessageBox, QWidget

STOP, GO_ON, CANCEL = "Stop it", "Let it go on", "Cancel"


def ask(parent: QWidget | None, answers: tuple[str, ...] = (STOP, GO_ON, CANCEL)) -> str:
    """Ask what shall become of the training, and return the answer."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("A training is running")
    box.setText("A training is running. What shall become of it?")
    box.setInformativeText(
        "If you stop it, the best model so far is kept. If you let it go on, it ends by itself. "
        "In both cases the Fine-tune widget offers it next time."
    )
    role = QMessageBox.ButtonRole
    roles = {STOP: role.DestructiveRole, GO_ON: role.AcceptRole, CANCEL: role.RejectRole}
    buttons = {answer: box.addButton(answer, roles[answer]) for answer in answers}
    box.setDefaultButton(buttons[GO_ON])
    box.setEscapeButton(buttons[answers[-1]])
    box.exec()
    return next(answer for answer, button in buttons.items() if button is box.clickedButton())


class CloseGuard(QObject):
    """Asks before a window is closed, as long as it has to.

    Parameters
    ----------
    window
        The window.
    may_close
        Called when the user wants to close it; tells whether that may be.
    """

    def __init__(self, window: QWidget, may_close: Callable[[], bool]) -> None:
        super().__init__(window)
        self._may_close = may_close
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Hold back the closing of the window."""
        if event.type() == QEvent.Type.Close and not self._may_close():
            event.ignore()
            return True
        return False
