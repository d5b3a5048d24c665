#!/bin/sh
# Lint, type check and all tests. Sets itself up in .venv-test. Runs everything, exits with the first failure.
# Two processes run the tests, a file at a time, each with one thread; `-n 8` is faster where there are more cores.
# usage: sh scripts/test.sh [ARGUMENTS OF PYTEST]...
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. scripts/setup.sh

# step COMMAND...: run it, remember the first failure.
step() {
    heading "$*"
    status=0
    "$@" || status=$?
    note "$status"
}

note() {
    [ "$result" -ne 0 ] || result=$1
}

# tests MARKERS ARGUMENTS...: pytest exits with 5 when it collected nothing, which is a failure only if no run collects.
tests() {
    markers=$1
    shift
    heading "pytest -m '$markers' $*"
    status=0
    "$bin/python" -m pytest -n 2 --dist loadfile -m "$markers" "$@" || status=$?
    if [ "$status" -eq 5 ]; then return; fi
    collected=yes
    note "$status"
}

heading "Set up"
prepare_venv .venv-test install_tests
bin=.venv-test/bin
PATH=$PWD/$bin:$PATH
export PATH
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
result=0
collected=no

step "$bin/ruff" check .
step "$bin/ruff" format --check .
step "$bin/mypy"
tests 'not real and not slow and not matrix' "$@"
tests 'real and not slow and not matrix' "$@"
tests 'slow and not matrix' "$@"
[ "$collected" = yes ] || {
    echo "no test was collected" >&2
    note 5
}
exit "$result"
