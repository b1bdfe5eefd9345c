"""What *Segment* found: its layers, which result is in view, and the sliders that change it.

Labels that are written block by block are in `large_layers`, beside this folder.
"""
