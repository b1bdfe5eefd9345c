"""What the window says of an error."""

import pytest

from napari_unet.core.errors import UserError
from napari_unet.ui.work.errors import told


@pytest.mark.parametrize(
    ("about", "shown"),
    [("axes", " (Axes)"), ("views mirrored", " (Views)"), ("overwrite", ""), ("", "")],
)
def test_options_have_the_names_that_stand_in_the_window(about, shown):
    assert told(UserError("Say it, as in TZCYX.", about)) == f"Say it, as in TZCYX{shown}."
