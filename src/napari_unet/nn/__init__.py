"""The network and what trains and runs it: core plus torch."""
