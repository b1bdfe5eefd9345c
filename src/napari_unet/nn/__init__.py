"""The network and what trains and runs it: core plus torch.

Files of images are read in `io`; a training's folder, and its process, are in `runs`.
"""

import os

# Ask torch for huge pages on Linux: large intermediate images cost far fewer page faults.
# torch reads this once, when it first needs memory.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
