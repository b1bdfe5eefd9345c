"""A table as a file that the user names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_unet.core.words import counted
from napari_unet.io.table import write_columns
from napari_unet.storage.names import asked_file


def ask_and_save(parent: QWidget, table: Mapping[str, Any], kept: np.ndarray) -> str:
    """Ask for a file, and write all columns of some rows to it.

    Returns
    -------
    A sentence that names the file and how many rows there are in it; nothing if there is none.

    Raises
    ------
    UserError
        If the file cannot be written, or is there and nobody was asked whether to replace it.
    """
    name, _ = QFileDialog.getSaveFileName(parent, "Save table", "objects.csv", "CSV (*.csv)")
    if not name:
        return ""
    file = asked_file(name, ".csv")
    write_columns(file, [{each: table[each][kept] for each in table if each != "index"}])
    number, rows = int(np.count_nonzero(kept)), counted(len(kept), "row")
    told = rows if number == len(kept) else f"{number:,} of {rows}, those in the range,"
    return f"Wrote {told} to {file}."
