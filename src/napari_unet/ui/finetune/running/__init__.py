"""A training while it runs: curves, news, preview, and what happens when napari is closed.

The process is started in `runs`.
"""
