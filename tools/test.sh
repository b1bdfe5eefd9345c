#!/bin/sh
# Sets everything up and runs the whole test suite, a real viewer on a virtual display included:
# sh tools/test.sh [PYTEST ARGUMENTS]
# A test for every core at a time, each in one thread: threads that share a core wait for each other.
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh test
OMP_NUM_THREADS=1 exec .venv/bin/python -m pytest -n auto "$@"
