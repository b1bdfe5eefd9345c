"""Label images: checked, measured, edited, compared and linked across planes and frames.

How labels are made from a network's output is in `core.decoding`.
"""
