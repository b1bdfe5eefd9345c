"""What one has made, for another machine: models, runs, annotations and settings in one package.

The package itself, its metadata and its safety, is in `napari_unet.storage.crate`.
"""
