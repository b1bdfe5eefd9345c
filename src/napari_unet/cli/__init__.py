"""The command ``napari-unet``: a module for each of its commands, loaded when it runs.

Flags are read and results told here; what a command does is in the folders below.
"""

from napari_unet.cli.main import main

__all__ = ["main"]
