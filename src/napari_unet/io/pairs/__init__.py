"""Images and the labels that belong to them, by the names of their files.

What a person has annotated in the window is in `napari_unet.io.annotations`.
"""
