"""Widgets beside and below each other, without a margin."""

from __future__ import annotations

from qtpy.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget


def beside(*parts: QWidget) -> QWidget:
    """Return a widget that shows others beside each other."""
    return _filled(QHBoxLayout(), parts)


def below(*parts: QWidget) -> QWidget:
    """Return a widget that shows others below each other."""
    return _filled(QVBoxLayout(), parts)


def _filled(layout: QBoxLayout, parts: tuple[QWidget, ...]) -> QWidget:
    box = QWidget()
    box.setLayout(layout)
    layout.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        layout.addWidget(part)
    return box
