"""Arrays that are read when asked for, and know which thread has read what."""

from threading import current_thread, main_thread

import dask.array
import numpy as np


class Reads:
    """Remembers which planes were read on the thread of the window."""

    def __init__(self, pixels):
        self.pixels, self.planes = pixels, set()
        self.shape, self.dtype, self.ndim = pixels.shape, pixels.dtype, pixels.ndim

    def __getitem__(self, where):
        if current_thread() is main_thread():
            self.planes |= set(np.ravel(np.arange(len(self.pixels))[where[0]]).tolist())
        return self.pixels[where]

    def lazy(self):
        """Return the array, one plane a chunk."""
        return dask.array.from_array(self, (1, -1, -1))
