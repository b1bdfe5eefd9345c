"""The program started in other processes, and the lines that they tell their progress with.

What is trained or segmented there is not known here.
"""
