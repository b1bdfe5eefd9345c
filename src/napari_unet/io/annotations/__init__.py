"""Annotations as a folder of files, the same that the viewer's layers hold.

::

    FOLDER/images/NAME.tif        the image
    FOLDER/labels/NAME.tif        the objects
    FOLDER/marks/NAME.tif         1 = background, 2 = ignore; may be left away
    FOLDER/rectangles/NAME.csv    the training rectangles; may be left away
    FOLDER/classes/NAME.csv       the class of each object; may be left away
    FOLDER/class_names/NAME.csv   name and colour of each class; may be left away
    FOLDER/proof_read/NAME.csv    who made, edited and accepted the objects; may be left away
    FOLDER/weights/NAME.tif       a painted weight map; may be left away

What is painted and not yet saved lies in `drafts`. Images and labels of other programs are paired
in `napari_unet.io.pairs`.
"""
