"""Images that are larger than the memory: when that is so, what it costs, and what is asked."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QMessageBox, QWidget

from napari_unet.core.words import counted
from napari_unet.scale.large.folder import RESULT_BYTES, SCRATCH_BYTES
from napari_unet.storage.names import file_name
from napari_unet.ui.layers.source import Source

if TYPE_CHECKING:
    from napari_unet.scale.large.segment import LargeResult

SECONDS_PER_MEGAPIXEL = {"cpu": 1.5, "gpu": 0.15}
"""A rough guess, to tell minutes from hours."""


def pixels_of(source: Source) -> int:
    """Return the number of pixels of a result."""
    sizes = zip(source.axes, source.image.shape, strict=True)
    return math.prod(size for letter, size in sizes if letter != "C")


def in_words(name: str, pixels: int, device: str) -> str:
    """Say that an image is too large for the memory, and what segmenting it takes."""
    gigabytes = max(pixels * (SCRATCH_BYTES + RESULT_BYTES) / 1e9, 0.1)
    minutes = pixels / 1e6 * SECONDS_PER_MEGAPIXEL[device] / 60
    long = f"{minutes:.0f} minutes" if minutes < 90 else f"{minutes / 60:.0f} hours"
    return (
        f"“{name}” is too large to segment in memory. Its labels are written into a folder "
        f"instead, part by part: about {gigabytes:.1f} GB of disk, and very roughly "
        f"{long if minutes >= 2 else 'two minutes'}.\n\n"
        "You can stop at any time; choose the same folder again to go on."
    )


def found_in_words(name: str, result: LargeResult) -> str:
    """Say how many objects were found in a large image, and what there is to say of it."""
    return f"{counted(result.objects, 'object')} in “{name}”. {result.note}".rstrip()


def ask_for_folder(parent: QWidget, words: str) -> Path | None:
    """Say what it takes and ask for a folder; None if the user would rather not."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Information)
    box.setWindowTitle("A large image")
    box.setTextFormat(Qt.TextFormat.PlainText)  # the image may be called anything
    box.setText(words)
    choose = box.addButton("Choose a folder…", QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.exec()
    if box.clickedButton() is not choose:
        return None
    folder = QFileDialog.getExistingDirectory(parent, "Write the labels in")
    return Path(folder) if folder else None


def large_steps(job: Any, out: Path) -> Any:
    """Return the work on a `SegmentJob` whose labels are written into a folder."""
    from napari_unet.io.picture import Picture  # noqa: PLC0415
    from napari_unet.scale.large.segment import segment_large_steps  # noqa: PLC0415

    source = job.source
    in_file = source.file and not source.split and source.part_name == source.name
    picture = Picture(
        source.image,
        source.axes,
        source.spacing or None,
        "µm" if source.spacing else "px",
        file_name(source.name, "image") + source.part_name.removeprefix(source.name),
        origin=source.origin or None,
        file=Path(source.file) if in_file and Path(source.file).exists() else None,
    )
    return segment_large_steps(picture, job.model, out, job.request)
