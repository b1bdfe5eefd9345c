"""Which images and annotations are learnt from, and what is odd about them.

How they are looked at is in `core.review`.
"""
