"""The log of a training: a sentence for each epoch, and all figures as they were written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qtpy.QtGui import QFontDatabase
from qtpy.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.figures import foreground_dice
from napari_unet.runs.control import LOG
from napari_unet.runs.folder import Run


def show_log(parent: QWidget, folder: Path) -> QDialog:
    """Show what a run has written down, in a window of its own."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(f"Log of {folder.name}")
    dialog.resize(640, 480)
    text = QPlainTextEdit(log_of(folder))
    text.setObjectName("log")
    text.setReadOnly(True)
    text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    QVBoxLayout(dialog).addWidget(text)
    dialog.show()
    return dialog


def log_of(folder: Path) -> str:
    """Return a run's epochs in sentences, then its figures, and what went wrong, as text."""
    parts = [str(folder), "\n".join(map(epoch_in_words, _records(folder)))]
    for title, name in (("All figures:", "log.jsonl"), ("What the training said:", LOG)):
        try:
            text = (folder / name).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue
        parts += [f"{title}\n{text}"] if text else []
    return "\n\n".join(part for part in parts if part)


def epoch_in_words(record: Mapping[str, Any]) -> str:
    """Return a sentence about an epoch.

    Parameters
    ----------
    record
        Its line of the run's log.
    """
    told = []
    if record.get("ap50") is not None:
        told.append(
            f"of the held-out objects that are there or seem to be, {record['ap50']:.0%} are found "
            "with an overlap of at least half (AP at 0.5)"
        )
    dice = foreground_dice(record.get("dice"))
    if dice is not None:
        told.append(f"their pixels agree to {dice:.0%} (Dice)")
    if not told:
        told.append(f"its error on what it learns from is {record.get('loss', float('nan')):.3g}")
    return f"Epoch {record.get('epoch', '?')}: {', and '.join(told)}."


def _records(folder: Path) -> list[dict[str, Any]]:
    """Return the epochs of a run; none of a log that is damaged, which stands there as it is."""
    try:
        return Run(folder).records()
    except UserError:
        return []
