"""The widget *Segment*: one image, its labels, and the sliders that change them at once.

The work itself is in `nn.prediction` and `scale.large`.
"""
