"""What is odd about annotated images, and which objects are worth a person's look.

The findings are shown by `ui` and `cli`; nothing here changes an annotation.
"""
