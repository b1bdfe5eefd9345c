"""More than one image, larger than memory, or more than one machine.

`napari_unet.scale.batch` works through many images. An image that does not fit the memory is a
*job* (`napari_unet.scale.large.folder`): a folder that says what is to be done and what has been
done. Its work is cut into *tasks* (`napari_unet.scale.large.tasks`), one block of the image each,
which any process can do; `napari_unet.scale.large.cluster` hands them out.
`napari_unet.scale.share` takes what was made to another machine. How one image in memory is
segmented is in `napari_unet.nn.prediction`.
"""
