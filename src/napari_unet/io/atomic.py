"""Files that are there whole, or not at all."""

from napari_unet.core.atomic import replacing

__all__ = ["replacing"]
