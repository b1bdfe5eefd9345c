"""What the commands of ``napari-unet`` do; each module is loaded when its command runs."""
