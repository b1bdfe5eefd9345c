"""Nucleus and cell as one: paired, grown, parted into compartments, and measured side by side.

What is measured of an object is in `core.measuring`, and how labels overlap in `core.instances`.
"""
