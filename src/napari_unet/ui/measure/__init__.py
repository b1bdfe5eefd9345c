"""The *Measure* widget: numbers about objects, in the layer, in a table and as colours.

How objects are measured is in `core.measuring`; this folder shows it.
"""
