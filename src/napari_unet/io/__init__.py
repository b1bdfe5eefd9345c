"""Files in and out.

A further format is one more function in the table of `napari_unet.io.read`, or one more module
beside `napari_unet.io.tiff` and `napari_unet.io.table`.
"""
