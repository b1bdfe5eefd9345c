"""Thin napari widgets over the same functions that the command line uses."""
