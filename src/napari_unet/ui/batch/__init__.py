"""The widget *Batch*: many files, and the table of what was found.

The work itself is in `scale.batch`.
"""
