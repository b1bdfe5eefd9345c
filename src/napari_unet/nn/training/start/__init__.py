"""From what a training starts where that is left open: the candidates, and the race between them.

What a start is used for once it is chosen is not here: see `napari_unet.nn.training.trainer`.
"""
