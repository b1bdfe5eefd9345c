"""The network and what trains and runs it: core plus torch."""

import os

# Ask torch for huge pages on Linux: large intermediate images cost far fewer page faults.
# torch reads this once, when it first needs memory.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
