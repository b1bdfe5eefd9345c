"""Two dialogs of the menu: to give to others what one has made, and to open what they gave.

What they do is in `napari_unet.scale.share`, where the command line finds it, too.
"""
