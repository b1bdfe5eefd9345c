"""Random heights to make objects of."""

import numpy as np
from hypothesis import strategies as st
from scipy import ndimage

SPLITS = st.sampled_from([0.0, 0.01, 0.03, 0.1, 0.2, 0.4])


@st.composite
def landscapes(draw):
    """Random heights, smooth or rough, in 2D and 3D; mirrored ones are full of exact ties."""
    shape = draw(st.sampled_from([(15, 17), (16, 12), (23, 9), (1, 20), (5, 7, 9), (6, 6, 7)]))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    height = ndimage.gaussian_filter(rng.random(shape), draw(st.sampled_from([0.0, 0.8, 1.5])))
    height = ((height - height.min()) / np.ptp(height)).astype(np.float32)
    levels = draw(st.sampled_from([0, 1, 4]))
    if levels:
        height = np.round(height * levels) / np.float32(levels)
    foreground = rng.random(shape) < draw(st.sampled_from([0.5, 0.8, 1.0]))
    for axis in draw(st.sets(st.integers(0, len(shape) - 1))):
        height = np.maximum(height, np.flip(height, axis))
        foreground |= np.flip(foreground, axis)
    return height, foreground
