"""Numbers about objects: size, shape, grey values, place, neighbours, doubt.

All objects of a window are measured at once. Files of such tables are in `io`, and what cuts or
joins objects in `core.instances`.
"""
