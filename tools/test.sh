#!/bin/sh
# Sets everything up and runs the whole test suite, a real viewer on a virtual display included:
# sh tools/test.sh; with pytest's arguments it runs what they choose, one test after the other.
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh test
pytest=".venv/bin/python -m pytest"
[ $# = 0 ] || exec $pytest "$@"
# A test for every core at a time, each in one thread: threads that share a core wait for each other.
OMP_NUM_THREADS=1 $pytest -n auto -m "not alone"
exec $pytest -m alone
