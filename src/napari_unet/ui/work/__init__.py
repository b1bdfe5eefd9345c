"""Work in the background of the window: threads, copies, progress, and widgets that wait.

What is worked on is known to the widgets only.
"""
