# Sourced by demo.sh and test.sh, from the root of the repository: virtual environments with a CPU build of torch.

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

heading() {
    printf '\n== %s\n' "$*"
}

# Print a Python of version 3.10 or newer: $PYTHON if set, else python3.11, else python3.
find_python() {
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3.11 python3; fi
    for candidate in "$@"; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "no Python 3.10 or newer among: $*. Install one, or name one: PYTHON=/path/to/python sh $0"
}

# prepare_venv DIRECTORY INSTALL: make the virtual environment, unless it is complete and its inputs are as they were.
# INSTALL is the function that fills it; pip_install works on $venv.
prepare_venv() {
    venv=$1
    base_python=$(find_python)
    stamp=$(stamp_of_inputs "$base_python") || fail "cannot read the requirements"
    if [ "$(cat "$venv/complete" 2>/dev/null)" = "$stamp" ]; then
        echo "using $venv as it is"
        return
    fi
    echo "making $venv (the first time takes some minutes)"
    rm -rf "$venv"
    "$base_python" -m venv "$venv" ||
        fail "$base_python cannot make a virtual environment (on Debian and Ubuntu: install python3-venv)"
    pip_install --upgrade 'pip>=25.1' || fail "pip could not be upgraded"
    install_torch
    "$2"
    echo "$stamp" >"$venv/complete"
}

# What an environment depends on, as one hash: requirements, this file, interpreter, place of the repository.
stamp_of_inputs() {
    "$1" -c '
import hashlib, pathlib, sys
content = b"".join(pathlib.Path(path).read_bytes() for path in sys.argv[1:])
print(hashlib.sha256(content + repr((sys.version, sys.prefix, str(pathlib.Path.cwd()))).encode()).hexdigest())
' scripts/setup.sh pyproject.toml constraints.txt docs/example/pyproject.toml
}

pip_install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}

# The CPU build where an index offers one (a tenth of the size), else the default build.
install_torch() {
    version=$(sed -n 's/^torch==//p' constraints.txt)
    pip_install "torch==$version+cpu" 2>/dev/null ||
        pip_install --timeout 15 --retries 0 --no-deps --index-url https://download.pytorch.org/whl/cpu \
            "torch==$version+cpu" 2>/dev/null ||
        pip_install "torch==$version" ||
        fail "torch $version could not be installed"
}

install_demo() {
    pip_install --constraint constraints.txt --editable '.[nequip]' || fail "nequip-pack could not be installed"
    pip_install --constraint constraints.txt --editable docs/example || fail "the example could not be installed"
}

install_tests() {
    pip_install --constraint constraints.txt --editable '.[nequip,server,report,sign,survey]' --group dev --group docs nequip-allegro ||
        fail "the test environment could not be installed"
}
