#!/bin/sh
# Runs the tests in a window on another napari: sh tools/test-napari.sh 0.6.6 [PYTEST'S ARGUMENTS]
# That napari, with what it needs, is put into .venv-napari-VERSION; all the rest is found in .venv.
# Warnings are no errors here: an older napari has some of its own.
set -eu
cd "$(dirname "$0")/.."
version=${1:?"Name the version of napari, such as 0.6.6."}
shift
venv=.venv-napari-$version
[ -x .venv/bin/python ] || sh tools/setup.sh test
if [ ! -x "$venv/bin/python" ]; then
  trap 'rm -rf "$venv"' EXIT
  .venv/bin/python -m venv --without-pip "$venv"
  "${PYTHON:-python3}" -m pip --python "$venv/bin/python" install --quiet \
    --disable-pip-version-check "napari[pyqt6]==$version"
  packages="import sysconfig; print(sysconfig.get_path('purelib'))"
  echo "import site; site.addsitedir('$(.venv/bin/python -c "$packages")')" \
    >"$("$venv/bin/python" -c "$packages")/rest.pth"
  trap - EXIT
fi
[ $# -gt 0 ] || set -- tests/ui
OMP_NUM_THREADS=1 exec "$venv/bin/python" -m pytest -W default "$@"
