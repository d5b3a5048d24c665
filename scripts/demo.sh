#!/bin/sh
# Train, lint, package, load without nequip, compare. Sets itself up in .venv-demo; writes to .cache/demo.
# usage: sh scripts/demo.sh
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. scripts/setup.sh

# quietly LOG COMMAND...: show the log only if the command fails.
quietly() {
    log=$1
    shift
    "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        fail "failed: $*"
    }
}

heading "Set up"
prepare_venv .venv-demo install_demo
bin=.venv-demo/bin
out=.cache/demo
rm -rf "$out"
mkdir -p "$out"
MPLCONFIGDIR=$PWD/$out/matplotlib
export MPLCONFIGDIR

heading "Train: nequip-train on docs/example/train.yaml, a small NequIP GNN with the example's repulsion"
quietly "$out/train.log" "$bin/nequip-train" -cp "$PWD/docs/example" -cn train "hydra.run.dir=$PWD/$out/run"
echo "checkpoint: $out/run/best.ckpt"

heading "Lint the example: nequip-lint docs/example"
"$bin/nequip-lint" docs/example

heading "Lint a broken variant: one import of an optional library moved to the top of a file"
cp -R docs/example "$out/broken-example"
cp docs/example/broken/softcore_kernel.py.txt "$out/broken-example/nequip_softcore/softcore_kernel.py"
status=0
"$bin/nequip-lint" "$out/broken-example" >"$out/broken.log" || status=$?
cat "$out/broken.log"
[ "$status" -eq 1 ] || fail "nequip-lint should refuse the broken variant with exit 1, but exited $status"
grep -q NQ101 "$out/broken.log" || fail "nequip-lint should name NQ101 for the broken variant"
echo "refused, as it should be (exit 1)"

heading "Build: nequip-pack build best.ckpt softcore.nequip.zip"
"$bin/nequip-pack" build "$out/run/best.ckpt" "$out/softcore.nequip.zip" --source docs/example

heading "Load in a fresh interpreter that cannot import nequip, e3nn or the example"
"$bin/python" scripts/load_without_nequip.py "$out/softcore.nequip.zip" "$out/from-package.pt"

heading "The same structure with the checkpoint's model, through nequip"
"$bin/python" scripts/checkpoint_energy.py "$out/run/best.ckpt" "$out/from-package.pt"
