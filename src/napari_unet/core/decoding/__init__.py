"""From height and probabilities to objects, in one go or block by block.

The network that gives the height is in `nn`; blocks are handed out in `scale.large`.
"""
