"""What this plugin knows of napari's layers: axes, geometry, arrays, metadata.

Nothing here adds a layer; each feature's folder adds its own.
"""
