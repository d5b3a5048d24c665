"""Where there is a GPU, a rehearsal proves its package there too, and rehearses as if there were none."""

from __future__ import annotations

from pathlib import Path

import pytest
from pack_support import checked, pack

pytestmark = pytest.mark.real
EXAMPLE = Path(__file__).parents[2] / "docs" / "example"
MODEL = "training_module.model"
WORDS = (
    "-cp",
    EXAMPLE,
    "-cn",
    "train",
    f"~{MODEL}.softcore",
    f"{MODEL}._target_=nequip.model.NequIPGNNModel",
)


def test_the_gpu_is_part_of_the_proof_and_of_the_machines(tmp_path: Path) -> None:
    done = checked(pack("rehearse", "--all-machines", *WORDS, cwd=tmp_path))
    (passed,) = (line for line in done.stdout.splitlines() if line.startswith("also passed: "))
    assert passed.endswith(", forward on the GPU")
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("without a GPU")]
    assert rows == [["without", "a", "GPU", "passed", "passed", "nothing"]]
