"""What is odd about annotated images, found before a training learns it.

The findings are shown by `ui` and `cli`; nothing here changes an annotation.
"""
