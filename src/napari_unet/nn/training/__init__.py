"""A network learns from a run folder: patches, loss, validation, and what to train next.

The folder itself, which needs no torch, is in `runs`.
"""
