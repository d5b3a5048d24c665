"""Each row of the fault table of packages (design: ``reference/artefacts.md``), with what shows our outcome.

A row is shown by tests, named ``FILE::TEST`` below ``tests``, with a case in brackets where one of many
shows it; or it is out of reach, with the reason.
"""

from __future__ import annotations

WRITING = "faults/test_writing.py"
REWRITING = "faults/test_rewriting.py"
FLIPS = "faults/test_flipped_bits.py"
READING = "pack/test_reading.py"
BYTES = f"{READING}::test_damaged_bytes"
MEMBERS = f"{READING}::test_a_package_that_contradicts_itself"
INPUT = "pack/test_bad_input.py"
CHECK = "pack/test_check.py"
LOAD = "pack/test_load.py"
AGAIN = "pack/test_repackaging.py"

SHOWN: dict[str, tuple[str, ...]] = {
    "R1": (f"{BYTES}[R1 empty]", f"{BYTES}[R1 one byte]"),
    "R2": (f"{BYTES}[R2 before the end]", f"{READING}::test_a_cut_in_the_end_tells_both_sizes"),
    "R3": (f"{BYTES}[R3 one byte appended]", f"{BYTES}[R3 1 KB appended]"),
    "R4": (f"{BYTES}[R4 70 KB appended]", f"{BYTES}[R4 100 bytes prepended]"),
    "R5": (
        f"{BYTES}[R5 flip in weights]",
        f"{FLIPS}::test_a_tenth_of_the_flips",
        f"{LOAD}::test_a_flipped_bit_in_a_weight_is_refused",
    ),
    "R6": (f"{BYTES}[R6 flip in example data]", f"{FLIPS}::test_a_tenth_of_the_flips"),
    "R7": (f"{BYTES}[R7 flip in a model]", f"{FLIPS}::test_a_tenth_of_the_flips"),
    "R8": (f"{BYTES}[R8 flip in source]", f"{FLIPS}::test_a_tenth_of_the_flips"),
    "R9": (f"{BYTES}[R9 flip in metadata]", f"{FLIPS}::test_a_tenth_of_the_flips"),
    "R10": (f"{BYTES}[R10 flip in externs]", f"{FLIPS}::test_a_tenth_of_the_flips"),
    "R11": (f"{BYTES}[R11 flip in the first byte]", f"{READING}::test_300_flipped_bits_over_all_regions"),
    "R12": (f"{READING}::test_300_flipped_bits_over_all_regions",),
    "R13": (f"{BYTES}[R13 hole in weights]",),
    "R14": (
        f"{BYTES}[R14 hole in source]",
        f"{BYTES}[R14 hole in a pickle]",
        f"{BYTES}[R14 second half zeros]",
    ),
    "R15": (f"{READING}::test_a_package_under_another_name",),
    "R16": (f"{INPUT}::test_not_a_package", f"{INPUT}::test_checkpoint_as_package"),
    "R17": (f"{INPUT}::test_not_a_package", f"{READING}::test_an_unpacked_package"),
    "R18": (f"{INPUT}::test_not_a_package", f"{INPUT}::test_a_file_that_cannot_be_read"),
    "R19": (
        f"{MEMBERS}[R19 no metadata]",
        f"{MEMBERS}[R19 empty]",
        f"{MEMBERS}[R19 binary]",
        f"{MEMBERS}[R19 a list]",
    ),
    "R20": (f"{MEMBERS}[R20 newer]", f"{INPUT}::test_format_of_the_future"),
    "R21": (
        f"{MEMBERS}[R21 0]",
        f"{MEMBERS}[R21 -1]",
        f"{MEMBERS}[R21 3.0]",
        f"{MEMBERS}[R21 absent]",
    ),
    "R22": (
        f"{MEMBERS}[R22 models]",
        f"{MEMBERS}[R22 no types]",
        f"{MEMBERS}[R22 other types]",
        f"{MEMBERS}[R22 no versions]",
        f"{READING}::test_versions_that_are_not_those_of_the_build",
    ),
    "R23": (f"{MEMBERS}[R23 torch]",),
    "R24": (f"{MEMBERS}[R24 big]", f"{READING}::test_what_is_odd_is_a_warning"),
    "R25": (f"{MEMBERS}[R25 no eager model]", f"{CHECK}::test_everything_that_is_missing_is_listed_at_once"),
    "R26": (
        f"{CHECK}::test_where_libraries_are_missing",
        "pack/test_load.py::test_a_missing_library_is_named",
    ),
    "R27": (f"{CHECK}::test_an_external_that_nothing_imports_at_load",),
    "R28": (f"{MEMBERS}[R28 bomb]",),
    "R29": (f"{READING}::test_200_000_members",),
    "R30": (f"{BYTES}[R30 4 GB]",),
    "R31": (f"{MEMBERS}[R31 by case]", f"{MEMBERS}[R31 twice]"),
    "W1": (f"{WRITING}::test_a_tenth_of_the_kills", f"{REWRITING}::test_some_of_the_kills"),
    "W2": (f"{WRITING}::test_a_tenth_of_the_kills", f"{REWRITING}::test_some_of_the_kills"),
    "W3": (f"{WRITING}::test_a_tenth_of_the_kills", f"{INPUT}::test_signals"),
    "W4": (f"{WRITING}::test_a_tenth_of_the_kills", f"{WRITING}::test_every_kill"),
    "W5": (f"{WRITING}::test_no_room", f"{WRITING}::test_a_full_disk"),
    "W6": (f"{REWRITING}::test_a_temporary_folder_without_room",),
    "W7": (f"{REWRITING}::test_a_full_disk_that_is_not_the_temporary_one",),
    "W8": (
        f"{REWRITING}::test_some_of_the_kills",
        "faults/test_partial_files.py::test_what_a_killed_build_left_goes_with_the_next",
    ),
    "W9": (f"{REWRITING}::test_a_temporary_folder_without_room",),
    "W10": (f"{WRITING}::test_two_builds_into_one_path",),
    "W11": (f"{AGAIN}::test_onto_its_own_origin_and_the_same_bytes",),
    "W12": (f"{AGAIN}::test_an_origin_that_changed",),
    "W13": (f"{AGAIN}::test_an_origin_that_is_gone",),
    "W14": (f"{INPUT}::test_wrong_output", f"{INPUT}::test_a_folder_that_takes_no_file"),
    "W15": (f"{INPUT}::test_wrong_output[.nequip.zip]",),
    "W16": (f"{INPUT}::test_not_a_checkpoint[garbage]", f"{INPUT}::test_truncated_checkpoint"),
}
OUT_OF_REACH = {
    "R32": "what an old release of nequip says is no longer ours to change",
    "W17": "nequip's download cache: nequip-pack downloads nothing",
    "W18": "nequip's download cache: nequip-pack downloads nothing",
}
