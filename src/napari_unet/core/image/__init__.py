"""An image as an array: axes, planes, pixel sizes, grey values, tiles and resampling.

Files are read in `io`; what is painted on an image is in `core.annotation`.
"""
