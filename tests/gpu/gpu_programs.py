"""Programs that run models on a GPU, for processes of their own."""

from __future__ import annotations

WITHOUT_GPU = {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}
"""What hides the GPU from a process."""

CHECKPOINT = """
import sys, torch
from nequip.model.saved_models import load_saved_model
from nequip.utils.global_state import set_global_state
set_global_state()
torch.set_num_threads(1)
model, data = load_saved_model(sys.argv[1], return_data_dict=True)
found = {}
for device in ("cpu", "cuda"):
    out = model.to(device).eval()({name: value.to(device) for name, value in data.items()})
    found[device] = {name: out[name].detach().cpu() for name in ("total_energy", "forces", "stress")}
torch.save(found, sys.argv[2])
"""
"""What the checkpoint's model computes through nequip."""

PACKAGE = """
import json, sys, torch, nequip_pack
torch.set_num_threads(1)
differences = {}
expected = torch.load(sys.argv[2])
for device in sys.argv[3:]:
    loaded = nequip_pack.load_package(sys.argv[1])
    model = loaded.models["sole_model"].eval()
    assert {tensor.device.type for tensor in [*model.parameters(), *model.buffers()]} == {"cpu"}
    data = {name: value.to(device) for name, value in loaded.example_data.items()}
    out = model.to(device)(data)
    assert all(out[name].device.type == device for name in expected[device])
    found = {name: out[name].detach().cpu() for name in expected[device]}
    by_name = [(found[name] - value).abs().max().item() for name, value in expected[device].items()]
    differences[device] = max(by_name)
    assert all(value.abs().max() > 1e-3 for value in found.values())
print(json.dumps(differences))
"""
"""The largest difference of what a package computes, by device."""

ON_THE_GPU = """
import sys, torch
from torch.package import PackageExporter
save = PackageExporter.save_pickle
def moved(exporter, *, obj, **options):
    save(exporter, obj=obj.to("cuda") if isinstance(obj, torch.nn.Module) else obj, **options)
PackageExporter.save_pickle = moved
from nequip.scripts.package import main
main(["build", sys.argv[1], sys.argv[2]])
"""
"""nequip's own command, with models that lie on the GPU when they are pickled, as before nequip 0.16."""

FLASH = """
import json, sys, torch, nequip_pack
loaded = nequip_pack.load_package(sys.argv[1])
data = {name: value.to("cuda") for name, value in loaded.example_data.items()}
model = loaded.models["sole_model"].eval().to("cuda")
plain = model(dict(data))
(kind,) = {type(module) for module in model.modules() if type(module).__name__ == "Contracter"}
model = kind.enable_TritonContracter(model).eval().to("cuda")
with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
    flash = model(dict(data))
operators = {event.key for event in profile.key_averages()}
fields = ("total_energy", "forces", "stress")
difference = max((plain[name] - flash[name]).abs().max().item() for name in fields)
print(json.dumps({"operators": sorted(operators), "difference": difference}))
"""
"""nequip-allegro's triton kernels, switched on in the packaged model."""

DIFFERENCE = """
import ase.build, json, sys
from nequip_pack.ase import PackageCalculator

def results(calculator):
    atoms = ase.build.bulk("Cu", cubic=True).repeat(2)
    atoms.rattle(0.05, seed=3)
    atoms.calc = calculator
    return [atoms.get_potential_energy(), *atoms.get_forces().ravel(), *atoms.get_stress()]

def difference(one, other):
    return max(abs(a - b) for a, b in zip(results(one), results(other), strict=True))
"""

CALCULATOR = (
    DIFFERENCE
    + """
print(difference(*[PackageCalculator(sys.argv[1], device=device) for device in ("cpu", "cuda")]))
"""
)
"""The largest difference between energy, forces and stress from the CPU and the GPU."""

COMPILED = (
    DIFFERENCE
    + """
from nequip.integrations.ase import NequIPCalculator
options = {"device": "cuda", "chemical_species_to_atom_type_map": True}
compiled = NequIPCalculator.from_compiled_model(sys.argv[2], **options)
print(difference(PackageCalculator(sys.argv[1]), compiled))
"""
)
"""The same for what nequip's own calculator makes of the compiled package."""
