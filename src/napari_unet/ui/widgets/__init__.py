"""Form fields and boxes that several widgets use.

Nothing here knows what the widget is for.
"""
