#!/bin/sh
# Sets everything up and runs the demonstration: sh tools/demo.sh
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh
exec .venv/bin/napari-unet demo --overwrite "$@"
