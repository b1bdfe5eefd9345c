"""The commands of ``napari-unet`` and the flags of each, by what the commands are about.

`build_parser` in `parser` puts them together.
"""
