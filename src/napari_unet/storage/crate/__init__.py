"""Packages of files with RO-Crate metadata: what is in one, written and read, as a folder or a ZIP.

What the files are for, and where they are laid, is in `napari_unet.scale.share`.
"""
