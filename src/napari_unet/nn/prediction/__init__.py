"""An image goes through a trained network: tiles, views, size matching, objects.

Nothing here learns; images larger than memory are cut into blocks in `scale.large`.
"""
