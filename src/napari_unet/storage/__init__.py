"""Files written whole or not at all, their names, and the folders that are ours.

What is inside the files is known to `io`, `runs` and `nn`.
"""
