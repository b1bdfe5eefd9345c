"""Many images, one after the other or several at once, with a table of what was found.

One image that is larger than memory is cut up in `scale.large`.
"""
