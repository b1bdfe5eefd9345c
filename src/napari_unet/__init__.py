"""Segment cells with a U-Net, in napari, from Python and from the shell.

Importing this loads neither torch nor Qt. The public names stand in `__init__.pyi`, each with the
module that it comes from; a module is loaded when one of its names is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__version__ = "0.1.0"
