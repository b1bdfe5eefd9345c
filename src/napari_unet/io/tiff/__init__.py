"""TIFF, as Fiji and OME write it.

Any other file of images is read in `napari_unet.io.read`.
"""
