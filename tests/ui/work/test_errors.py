"""What the window says of an error."""

import pytest

from napari_unet.core.errors import UserError
from napari_unet.ui.work.errors import told, with_labels


@pytest.mark.parametrize(
    ("about", "shown"),
    [("axes", " (Axes)"), ("views mirrored", " (Views)"), ("overwrite", ""), ("", "")],
)
def test_options_have_the_names_that_stand_in_the_window(about, shown):
    assert told(UserError("Say it, as in TZCYX.", about)) == f"Say it, as in TZCYX{shown}."


def test_of_an_option_in_a_folded_part_that_part_is_named():
    shown = with_labels("Choose.", "channels, out", {"channels": "Advanced"})
    assert shown == "Choose (Channels under Advanced, Results in)."
