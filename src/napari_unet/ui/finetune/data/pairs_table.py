"""Which images are learnt from: pairs of layers, and folders of annotations."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.errors import UserError
from napari_unet.core.review.finding import Finding
from napari_unet.ui.finetune.data.copied_layers import CopiedLayers
from napari_unet.ui.finetune.data.pair_notes import (
    other_place,
    part_notes,
    unlisted_note,
    unused_map_note,
)
from napari_unet.ui.finetune.data.pair_row import Pair
from napari_unet.ui.finetune.data.partner import annotations_in
from napari_unet.ui.layers.channel_group import same_image
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.copies import ChunkedCopy
from napari_unet.ui.work.dock_widget import Connections


class PairsTable(QWidget):
    """Pairs of layers and folders, with buttons to add and remove them.

    Attributes
    ----------
    pairs, folders
        What is learnt from.
    copied
        What was copied last.
    changed
        Emitted when something else is to be learnt from.
    """

    changed = Signal()

    def __init__(self, viewer: ViewerModel, connections: Connections) -> None:
        super().__init__()
        self._viewer, self._connections = viewer, connections
        self.pairs: list[Pair] = []
        self.folders: dict[Path, QWidget] = {}
        self.copied = CopiedLayers()
        self._channels = 0
        self.add, self.browse = QPushButton("+ Add pair"), QPushButton("Folder…")
        self.add.setToolTip("Learn from one more image of this window.")
        self.browse.setToolTip(
            "Learn from a folder that has folders “images” and “labels” in it, or images with "
            "annotations of another program beside them."
        )
        self._rows = QVBoxLayout()
        buttons = QHBoxLayout()
        buttons.addWidget(self.add)
        buttons.addWidget(self.browse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._rows)
        layout.addLayout(buttons)
        self.add.clicked.connect(self.add_pair)
        self.browse.clicked.connect(self._browse)
        self.add_pair()
        self._add_annotated()

    def copy(self) -> ChunkedCopy[tuple[AnnotatedImage, ...]]:
        """Copy the layers of all pairs, a chunk at a time.

        Raises
        ------
        UserError
            If there is nothing to learn from, or a pair is not complete.
        """
        if not self.pairs and not self.folders:
            raise UserError("There is nothing to learn from: add a pair or a folder.")
        images, copied = [], CopiedLayers()
        for pair in self.pairs:
            image, labels = pair.image.value, pair.labels.value
            images.append((yield from pair.copy()))
            copied.add(images[-1].name, image, labels)
        self.copied = copied
        return tuple(images)

    def layers(self) -> list[tuple[Image, Labels]]:
        """Return the images that have an annotation, each with it."""
        chosen = [(pair.image.value, pair.labels.value) for pair in self.pairs]
        return [each for each in chosen if None not in each]

    def notes(self) -> tuple[Finding, ...]:
        """Return what is odd about the layers of all pairs, whatever their pixels."""
        maps, found = [pair.weight.value for pair in self.pairs], list[Finding | None]()
        for pair in self.pairs:
            image, labels = pair.image.value, pair.labels.value
            if image is not None and labels is not None:
                found += [other_place(image, labels), *part_notes(image, labels, pair.weight.value)]
                found.append(unused_map_note(image, labels, self._viewer.layers, maps))
        found.append(unlisted_note(self._viewer.layers, [pair.labels.value for pair in self.pairs]))
        return tuple(note for note in found if note is not None)

    def show_channels(self, channels: int) -> None:
        """List the images that a model of so many channels learns from.

        One of a single channel learns from several, too, and is listed both.
        """
        self._channels = channels if channels > 1 else 0
        for pair in self.pairs:
            pair.image.show_channels(self._channels)

    def add_pair(self) -> None:
        """Add a pair of layers; an image that is annotated and not listed yet is chosen."""
        for pair in self.pairs:
            pair.settle()
        pair = Pair(self._viewer, self._connections, self._taken)
        pair.image.show_channels(self._channels)
        pair.changed.connect(self.changed)
        pair.removed.connect(partial(self._remove_pair, pair))
        self.pairs.append(pair)
        self._rows.addWidget(pair)
        self._update()

    def _add_annotated(self) -> None:
        """List all images that are annotated in this window."""
        for image, _ in annotations_in(self._viewer.layers):
            if not any(same_image(image, pair.image.value) for pair in self.pairs):
                self.add_pair()
                self.pairs[-1].image.value = image
                self.pairs[-1].settle()

    def add_folder(self, folder: Path) -> None:
        """Add a folder of annotations."""
        if folder in self.folders:
            return
        row, remove = QWidget(), QToolButton()
        remove.setText("✕")
        remove.setToolTip("Do not learn from this folder.")
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        words = Words(f"Folder “{folder.name}”")
        words.setToolTip(str(folder))
        layout.addWidget(words, 1)
        layout.addWidget(remove)
        remove.clicked.connect(partial(self._remove_folder, folder))
        self.folders[folder] = row
        self._rows.addWidget(row)
        self._drop_empty_pair()
        self._update()

    def _taken(self, pair: Pair) -> list[Layer]:
        """Return the layers of all other pairs."""
        others = [each for each in self.pairs if each is not pair]
        chosen = [layer for each in others for layer in (each.image.value, each.labels.value)]
        return [layer for layer in chosen if layer is not None]

    def _drop_empty_pair(self) -> None:
        for pair in list(self.pairs):
            if pair.image.value is None:
                self._remove_pair(pair)

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose a folder of annotations")
        if folder:
            self.add_folder(Path(folder))

    def _remove_pair(self, pair: Pair) -> None:
        self.pairs.remove(pair)
        pair.blockSignals(True)
        pair.hide()
        self._rows.removeWidget(pair)
        self._update()

    def _remove_folder(self, folder: Path) -> None:
        row = self.folders.pop(folder)
        row.hide()
        self._rows.removeWidget(row)
        self._update()

    def _update(self) -> None:
        several = len(self.pairs) + len(self.folders) > 1
        for pair in self.pairs:
            pair.remove.setVisible(several)
        self.changed.emit()
