"""A layer that is removed lets go of the graphics card where the canvas draws."""

import numpy as np
from qtpy.QtGui import QOpenGLContext

SQUARE = np.array([[5, 5], [5, 30], [30, 30], [30, 5]])


def test_what_a_layer_has_is_freed_in_the_context_of_the_canvas(viewer, export, monkeypatch):
    canvas = viewer.window._qt_viewer.canvas
    context, seen = canvas._scene_canvas.context, []
    finish = context.finish

    def free():
        seen.append(QOpenGLContext.currentContext())
        finish()

    monkeypatch.setattr(context, "finish", free)
    viewer.add_image(np.eye(40))
    shapes = viewer.add_shapes([SQUARE])
    viewer.screenshot(flash=False)
    own = canvas.native.context()
    canvas.native.doneCurrent()
    viewer.layers.remove(shapes)
    assert len(seen) == 1
    assert seen[0] is own
    getattr(viewer, "scene", viewer).camera.zoom = 3  # as before napari 0.9
    assert viewer.screenshot(flash=False).any()
