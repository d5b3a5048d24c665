"""Faults of files and of writing them, one row each, with the tests that show our outcome.

Tests are named ``FILE::TEST`` below ``tests``, with a case in brackets where one of many shows it. The faults
of everything else are in ``fault_kinds.py``.
"""

from __future__ import annotations

from fault_row import Row

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

ROWS: dict[str, Row] = {
    "R1": Row("an empty file, or one byte", f"{BYTES}[R1 empty]", f"{BYTES}[R1 one byte]"),
    "R2": Row(
        "cut anywhere, in the directory too",
        f"{BYTES}[R2 before the end]",
        f"{READING}::test_a_cut_in_the_end_tells_both_sizes",
    ),
    "R3": Row(
        "a byte or a kilobyte appended", f"{BYTES}[R3 one byte appended]", f"{BYTES}[R3 1 KB appended]"
    ),
    "R4": Row(
        "70 KB appended, 100 bytes put before",
        f"{BYTES}[R4 70 KB appended]",
        f"{BYTES}[R4 100 bytes prepended]",
    ),
    "R5": Row(
        "a flipped bit in weights",
        f"{BYTES}[R5 flip in weights]",
        f"{FLIPS}::test_a_tenth_of_the_flips",
        f"{LOAD}::test_a_flipped_bit_in_a_weight_is_refused",
    ),
    "R6": Row(
        "a flipped bit in the example data",
        f"{BYTES}[R6 flip in example data]",
        f"{FLIPS}::test_a_tenth_of_the_flips",
    ),
    "R7": Row(
        "a flipped bit in a model's pickle",
        f"{BYTES}[R7 flip in a model]",
        f"{FLIPS}::test_a_tenth_of_the_flips",
    ),
    "R8": Row(
        "a flipped bit in a source", f"{BYTES}[R8 flip in source]", f"{FLIPS}::test_a_tenth_of_the_flips"
    ),
    "R9": Row(
        "a flipped bit in the metadata",
        f"{BYTES}[R9 flip in metadata]",
        f"{FLIPS}::test_a_tenth_of_the_flips",
    ),
    "R10": Row(
        "a flipped bit in the list of externals",
        f"{BYTES}[R10 flip in externs]",
        f"{FLIPS}::test_a_tenth_of_the_flips",
    ),
    "R11": Row(
        "a flipped bit in local headers or padding",
        f"{BYTES}[R11 flip in the first byte]",
        f"{READING}::test_300_flipped_bits_over_all_regions",
    ),
    "R12": Row(
        "a flipped bit in the directory or the end record",
        f"{READING}::test_300_flipped_bits_over_all_regions",
    ),
    "R13": Row(
        "a hole of zeros in weights",
        f"{BYTES}[R13 hole in weights]",
    ),
    "R14": Row(
        "a hole of zeros in code or a pickle, the second half zeros",
        f"{BYTES}[R14 hole in source]",
        f"{BYTES}[R14 hole in a pickle]",
        f"{BYTES}[R14 second half zeros]",
    ),
    "R15": Row(
        "another suffix",
        f"{READING}::test_a_package_under_another_name",
    ),
    "R16": Row(
        "another kind of file under the name of a package",
        f"{INPUT}::test_not_a_package",
        f"{INPUT}::test_checkpoint_as_package",
    ),
    "R17": Row(
        "a folder, an unpacked package",
        f"{INPUT}::test_not_a_package",
        f"{READING}::test_an_unpacked_package",
    ),
    "R18": Row(
        "a file that is missing or cannot be read",
        f"{INPUT}::test_not_a_package",
        f"{INPUT}::test_a_file_that_cannot_be_read",
    ),
    "R19": Row(
        "metadata missing, empty, binary, a list",
        f"{MEMBERS}[R19 no metadata]",
        f"{MEMBERS}[R19 empty]",
        f"{MEMBERS}[R19 binary]",
        f"{MEMBERS}[R19 a list]",
    ),
    "R20": Row("a format of the future", f"{MEMBERS}[R20 newer]", f"{INPUT}::test_format_of_the_future"),
    "R21": Row(
        "a format number that is none",
        f"{MEMBERS}[R21 0]",
        f"{MEMBERS}[R21 -1]",
        f"{MEMBERS}[R21 3.0]",
        f"{MEMBERS}[R21 absent]",
    ),
    "R22": Row(
        "models, types or versions that are not there or contradict the rest",
        f"{MEMBERS}[R22 models]",
        f"{MEMBERS}[R22 no types]",
        f"{MEMBERS}[R22 other types]",
        f"{MEMBERS}[R22 no versions]",
        f"{READING}::test_versions_that_are_not_those_of_the_build",
    ),
    "R23": Row(
        "torch's own format is of the future",
        f"{MEMBERS}[R23 torch]",
    ),
    "R24": Row(
        "another byte order, records of torch missing",
        f"{MEMBERS}[R24 big]",
        f"{READING}::test_what_is_odd_is_a_warning",
    ),
    "R25": Row(
        "members missing that pickles and sources refer to",
        f"{MEMBERS}[R25 no eager model]",
        f"{CHECK}::test_everything_that_is_missing_is_listed_at_once",
    ),
    "R26": Row(
        "an external library missing here",
        f"{CHECK}::test_where_libraries_are_missing",
        "pack/test_load.py::test_a_missing_library_is_named",
    ),
    "R27": Row(
        "an external that nothing imports at load, missing here",
        f"{CHECK}::test_an_external_that_nothing_imports_at_load",
    ),
    "R28": Row(
        "a zip bomb",
        f"{MEMBERS}[R28 bomb]",
    ),
    "R29": Row(
        "200,000 members",
        f"{READING}::test_200_000_members",
    ),
    "R30": Row(
        "a member that claims 4 GB",
        f"{BYTES}[R30 4 GB]",
    ),
    "R31": Row(
        "two members of one name, or of names that differ by case",
        f"{MEMBERS}[R31 by case]",
        f"{MEMBERS}[R31 twice]",
    ),
    "W1": Row(
        "SIGKILL at a write", f"{WRITING}::test_a_tenth_of_the_kills", f"{REWRITING}::test_some_of_the_kills"
    ),
    "W2": Row(
        "SIGTERM at a write", f"{WRITING}::test_a_tenth_of_the_kills", f"{REWRITING}::test_some_of_the_kills"
    ),
    "W3": Row(
        "SIGINT or an exception at a write", f"{WRITING}::test_a_tenth_of_the_kills", f"{INPUT}::test_signals"
    ),
    "W4": Row(
        "any of these at the last write",
        f"{WRITING}::test_a_tenth_of_the_kills",
        f"{WRITING}::test_every_kill",
    ),
    "W5": Row("a full disk", f"{WRITING}::test_no_room", f"{WRITING}::test_a_full_disk"),
    "W6": Row(
        "a full temporary folder",
        f"{REWRITING}::test_a_temporary_folder_without_room",
    ),
    "W7": Row(
        "a full disk that is not the temporary one",
        f"{REWRITING}::test_a_full_disk_that_is_not_the_temporary_one",
    ),
    "W8": Row(
        "what a killed modify leaves",
        f"{REWRITING}::test_some_of_the_kills",
        "faults/test_partial_files.py::test_what_a_killed_build_left_goes_with_the_next",
    ),
    "W9": Row(
        "the mode of what modify writes",
        f"{REWRITING}::test_a_temporary_folder_without_room",
    ),
    "W10": Row(
        "two builds to one output",
        f"{WRITING}::test_two_builds_into_one_path",
    ),
    "W11": Row(
        "a fine-tuned model packaged onto its origin",
        f"{AGAIN}::test_onto_its_own_origin_and_the_same_bytes",
    ),
    "W12": Row(
        "an origin that changed",
        f"{AGAIN}::test_an_origin_that_changed",
    ),
    "W13": Row(
        "an origin that is gone",
        f"{AGAIN}::test_an_origin_that_is_gone",
    ),
    "W14": Row(
        "an output folder that is missing, a file, or not writable",
        f"{INPUT}::test_wrong_output",
        f"{INPUT}::test_a_folder_that_takes_no_file",
    ),
    "W15": Row(
        "an output that is nothing but the suffix",
        f"{INPUT}::test_wrong_output[.nequip.zip]",
    ),
    "W16": Row(
        "a checkpoint that is garbage, cut short, or a package",
        f"{INPUT}::test_not_a_checkpoint[garbage]",
        f"{INPUT}::test_truncated_checkpoint",
    ),
    "R32": Row(
        "a new package and an old release of nequip",
        why_not="what an old release of nequip says is no longer ours to change",
    ),
    "W17": Row(
        "two processes that download one model",
        why_not="nequip's download cache: nequip-pack downloads nothing",
    ),
    "W18": Row(
        "a download that ended early", why_not="nequip's download cache: nequip-pack downloads nothing"
    ),
}
