"""The widget *Weight map*: seen while one paints, and painted on.

The map is computed in `core.targets`.
"""
