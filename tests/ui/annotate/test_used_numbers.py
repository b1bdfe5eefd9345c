"""New objects get numbers that no object has, and no click looks for them in all of a stack."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.annotate.session import AnnotationSession
from napari_unet.ui.annotate.start import draft_of
from napari_unet.ui.annotate.tools.edit_tools import write
from napari_unet.ui.work.error_line import ErrorLine

SHAPE = 6, 512, 512
PLANE = 512 * 512
TIMEOUT = 60_000


class Watched(np.ndarray):
    """Labels that note how much of them is looked at for the highest number."""

    def max(self, *args, **options):
        LOOKED.append(self.size)
        return super().max(*args, **options)


LOOKED: list[int] = []


@pytest.fixture
def begin(home, qtbot):
    """Begin a session on an annotation that starts from labels."""
    begun = []

    def begin(labels):
        viewer = ViewerModel()
        image = viewer.add_image(np.zeros(labels.shape, np.uint8), name="cells")
        layer = add_annotation(viewer, image, draft_of("cells", labels.shape, labels))
        begun.append(AnnotationSession(viewer, layer, ErrorLine()))
        return begun[-1]

    yield begin
    for session in begun:
        session.quit()


@pytest.fixture
def stack():
    """An object in the last plane, the number of which is 7."""
    labels = np.zeros(SHAPE, np.uint32)
    labels[5, :9, :9] = 7
    return labels


@pytest.fixture
def number_of_next():
    """Take the brush, and return the number that it has."""

    def number_of_next(session):
        session.take_brush()
        return session.layer.selected_label

    return number_of_next


def test_no_click_looks_for_numbers_in_the_whole_stack(begin, stack, number_of_next):
    session = begin(stack)
    session.layer.data, LOOKED[:] = stack.view(Watched), []
    assert number_of_next(session) == 8
    session.layer.paint((0, 100, 100), 8)
    session.choose_class(1)
    session._added(8)
    assert number_of_next(session) == 9
    assert 0 < max(LOOKED) <= PLANE


def test_a_number_that_was_painted_in_another_plane_is_not_given_again(
    begin, stack, number_of_next
):
    session = begin(stack)
    assert number_of_next(session) == 8
    session.layer.paint((3, 100, 100), 20)
    assert number_of_next(session) == 21
    write(session.layer, (4, slice(0, 2), slice(0, 2)), np.full((2, 2), 30, np.uint32))
    assert number_of_next(session) == 31


def test_a_step_that_is_taken_back_gives_its_number_back(begin, stack, number_of_next, qtbot):
    session = begin(stack)
    session.layer.paint((0, 100, 100), 8)
    session.layer.undo()
    qtbot.waitUntil(lambda: session._used.are_below(8), timeout=TIMEOUT)
    assert number_of_next(session) == 8


def test_numbers_from_elsewhere_are_found(begin, stack, number_of_next, qtbot):
    session = begin(stack)
    session.viewer.dims.set_current_step(0, 0)
    session.layer.data[0, 50, 50] = 40
    assert number_of_next(session) == 41
    session.layer.data[4, 50, 50] = 50
    session.layer.refresh()
    qtbot.waitUntil(lambda: not session._used.are_below(50), timeout=TIMEOUT)
    assert number_of_next(session) == 51
    session.layer.data = np.minimum(stack, 1)
    assert number_of_next(session) == 2


def test_what_was_painted_while_no_widget_was_open_is_found(begin, stack, number_of_next):
    session = begin(stack)
    session.quit()
    session.layer.paint((2, 100, 100), 60)
    again = AnnotationSession(session.viewer, session.layer, ErrorLine())
    assert number_of_next(again) == 61
    again.quit()


def test_a_class_is_given_to_what_is_not_painted_yet(begin, stack):
    session = begin(stack)
    session.new_object()
    session.choose_class(3)
    assert session.parts.classes[8] == 3
    session.layer.paint((0, 100, 100), 8)
    session.choose_class(2)
    assert session.parts.classes[8] == 3
