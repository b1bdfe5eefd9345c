"""The image as it was when *Segment* was clicked: meanwhile it may be removed or changed."""

from __future__ import annotations

from weakref import ref

from napari.components import ViewerModel
from napari.layers import Image

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.arrays import fingerprint, full_resolution
from napari_unet.ui.layers.image_choice import in_viewer
from napari_unet.ui.work.copies import is_in_memory


class ImageThen:
    """Knows whether what is found in an image is still of what the viewer shows.

    Parameters
    ----------
    layer
        The image, as it is now.
    """

    def __init__(self, layer: Image) -> None:
        self._layer, self._data, self._known = ref(layer), layer.data, fingerprint(layer)
        self.name = layer.name

    def layer_in(self, viewer: ViewerModel) -> Image | None:
        """Return the layer; None if it was removed.

        Raises
        ------
        UserError
            If it has other pixels now.
        """
        layer = self._layer()
        if layer is None or in_viewer(layer, viewer.layers) is None:
            return None
        if not self._is_same(layer):
            raise UserError(
                f"“{layer.name}” was changed while it was segmented, so what was found in it as it "
                "was before is not shown: click Segment again."
            )
        return layer

    def removed(self) -> UserError:
        """Return what is said where it was removed."""
        return UserError(
            f"“{self.name}” was removed while it was segmented: what was found in it is kept in "
            "hidden layers."
        )

    def _is_same(self, layer: Image) -> bool:
        """Return whether a layer shows the same pixels; those of a file are not read for it."""
        if not is_in_memory(full_resolution(layer)):
            return layer.data is self._data
        return self._known.has_pixels_of(layer)
