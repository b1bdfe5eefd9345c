"""What came of a training: figures, changes in the image, and where to paint next.

What the figures are is in `nn.training`.
"""
