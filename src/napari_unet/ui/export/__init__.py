"""The widget *Export*: label layers to files.

The files are written in `io`.
"""
