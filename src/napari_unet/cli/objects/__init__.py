"""Commands that take objects as they are, and say or write something of them.

Commands that find objects, teach or score lie in the folder above.
"""
