"""A layer that is removed lets go of the graphics card where the canvas draws."""

import numpy as np
from qtpy.QtGui import QOpenGLContext

SQUARE = np.array([[5, 5], [5, 30], [30, 30], [30, 5]])


def test_what_a_removed_layer_had_is_freed_in_the_context_of_the_canvas(viewer, export):
    canvas = viewer.window._qt_viewer.canvas.native
    own = canvas.context()
    viewer.add_image(np.eye(40))
    shapes = viewer.add_shapes([SQUARE])
    viewer.screenshot(flash=False)
    canvas.doneCurrent()
    viewer.layers.remove(shapes)
    assert QOpenGLContext.currentContext() is own
    getattr(viewer, "scene", viewer).camera.zoom = 3  # as before napari 0.9
    assert viewer.screenshot(flash=False).any()
