"""Boxes to choose a model in: from a list, a file, or whatever fits the image.

What a model knows and does is not here: `storage.model_header` reads it, `nn` uses it.
"""
