"""What an image looks like, before any network sees it.

What a network made of it is in `core.decoding`.
"""
