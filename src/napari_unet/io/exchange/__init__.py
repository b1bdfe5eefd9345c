"""Objects in the formats of other programs: Fiji, QuPath, COCO, slides, tables, OME-Zarr.

A further format is one more module with a function that writes it, and a line in `formats`. How
outlines are traced is in `core.instances`; plain label images are read and written in `io`.
"""
