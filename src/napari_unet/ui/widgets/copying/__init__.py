"""Buttons that copy work in a window as a command and as Python.

How work is written down is in `core.provenance`; what is copied, each widget says itself.
"""
