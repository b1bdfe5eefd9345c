"""``napari-unet model``: models for other programs, and back.

What is done is in `nn.exchange` and `storage.package`.
"""
