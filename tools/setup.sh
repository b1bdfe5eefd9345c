#!/bin/sh
# Puts this checkout with all it needs into .venv: sh tools/setup.sh [EXTRAS]
# With extras, such as test or test,docs, it also gets the system libraries of a viewer without a
# screen, by apt where that may be used. Needs Python 3.11 or newer with pip, and nothing else:
# Debian's python3-venv may be missing.
set -eu
cd "$(dirname "$0")/.."
extras=${1:+[$1]}
python=${PYTHON:-python3}

viewer_libraries="xvfb xauth fontconfig fonts-dejavu-core
  libdbus-1-3 libegl1 libgl1 libgl1-mesa-dri libglib2.0-0 libopengl0 libxkbcommon-x11-0
  libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
  libxcb-shape0 libxcb-xfixes0 libxcb-xinerama0 libxcb-xkb1"

install_libraries() {
  missing=
  for name in $viewer_libraries; do
    dpkg -s "$name" >/dev/null 2>&1 || missing="$missing $name"
  done
  [ -n "$missing" ] || return 0
  as_root="env DEBIAN_FRONTEND=noninteractive"
  [ "$(id -u)" = 0 ] || as_root="sudo -n $as_root"
  $as_root apt-get update -qq >/dev/null 2>&1 || true
  # shellcheck disable=SC2086
  $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
    echo "Could not install system libraries; if the viewer does not start, install:$missing" >&2
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Python 3.11 or newer is needed; name one with PYTHON=/path/to/python." >&2
  exit 2
}
[ -z "$extras" ] || install_libraries
[ -x .venv/bin/python ] || "$python" -m venv --without-pip .venv
"$python" -m pip --python .venv/bin/python install --quiet --disable-pip-version-check \
  --constraint constraints.txt --editable ".$extras"
