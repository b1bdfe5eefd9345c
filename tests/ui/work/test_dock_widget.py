"""What a dock widget lets go of."""

from qtpy.compat import isalive
from qtpy.QtCore import QObject

from napari_unet.ui.work.dock_widget import Connections


class _Job(QObject):
    def quit(self):
        self.ended = self.objectName() or "ended"


def test_a_job_that_was_deleted_before_is_not_ended_again(qtbot):
    """At the end of a script Qt deletes an open window and its parts in any order."""
    parent, connections = QObject(), Connections()
    jobs = [_Job(parent), _Job()]
    connections.jobs += jobs
    parent.deleteLater()
    qtbot.waitUntil(lambda: not isalive(jobs[0]))
    connections.undo()
    assert jobs[1].ended
    assert not connections.jobs
