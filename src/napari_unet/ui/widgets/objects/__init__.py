"""Boxes that choose objects, and what belongs to them.

Nothing here looks at pixels, but to know an image again.
"""
