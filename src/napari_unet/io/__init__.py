"""Files in and out: images, labels, annotations, tables.

A further format of images is one more function in the table of `napari_unet.io.read`; TIFF has the
folder `tiff`. Which files belong together is found in `pairs`, and what was annotated lies in
`annotations`. What other programs keep of objects is read in `foreign` and written in `exchange`.
Model files are in `nn.model`, a training's folder is in `runs`, and how a file is written whole or
not at all is in `storage`.
"""
