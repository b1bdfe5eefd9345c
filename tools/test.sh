#!/bin/sh
# Sets everything up and runs the whole test suite, a real viewer on a virtual display included:
# sh tools/test.sh [PYTEST ARGUMENTS]
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh test
exec .venv/bin/python -m pytest "$@"
