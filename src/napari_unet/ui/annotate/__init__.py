"""The widget *Annotate*: objects, classes and marks that a person paints.

Corrections of labels as arrays are in `core.instances.edit`.
"""
