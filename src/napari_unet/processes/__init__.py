"""The program in other processes, the lines that they tell their progress with, and free memory.

What is trained or segmented there is not known here.
"""
