"""The tools that correct objects with a click or a line.

What they do to an array is in `core.instances.edit`.
"""
