"""What is made of results: a module for each command that begins with label images.

What such a command does is in the folders below; those that make labels are in the folder above.
"""
