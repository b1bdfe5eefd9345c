"""``napari-unet model`` and ``models``: those there are, for other programs, and back.

What is done is in `nn.exchange` and `storage.package`.
"""
