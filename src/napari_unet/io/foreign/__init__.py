"""Annotations that other programs save: outlines and masks of objects, read as labels.

How pixels are found inside outlines is in `core.instances`; what is written for other programs is
in `io.exchange`.
"""
