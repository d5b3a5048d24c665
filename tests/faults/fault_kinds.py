"""Faults of packages, checkpoints, models and streams that are hostile or unlucky, one row each.

The first letter tells what is hit: D data and code of the user, P the proof, F differences between packages,
M packages written anew, C what a package says, B time and memory, S streams, A ASE, K checkpoints.
"""

from __future__ import annotations

from fault_row import Row

CACHE = "lint/test_cache.py"
FOLDER = "lint/test_nothing_of_the_folder_runs.py"
REQUESTS = "reports/test_server_requests.py"
PROOF = "pack/test_proof.py"
OUTPUTS = "pack/test_outputs.py"
PICKLES = "pickles/test_crafted_pickles.py"
DIFF = "pack/test_diff.py"
KEPT = "pack/test_kept.py"
IN_PLACE = "pack/test_in_place.py"
SCRATCH = "pack/test_scratch.py"
RECORDS = "pack/test_records.py"
NAMES = "pack/test_names.py"
STREAMS = "pack/test_pack_streams.py"
ASE = "pack/test_ase.py"
CHECKPOINTS = "pack/test_checkpoints.py"
FLIPS = "faults/test_flipped_checkpoints.py"
INPUT = "pack/test_bad_input.py"
FAILURE = "pack/test_failure.py"
VERIFY = "pack/test_verify.py"
UPDATE = "pack/test_update.py"
ALTERED = "pack/test_altered.py"
ASKED = "pack/test_asked.py"
READING = "pack/test_reading.py"
ESCAPING = "pack/test_escaping.py"
AGAIN = "pack/test_repackaging.py"
TENSORS = "pickles/test_tensor_values.py"
BOUNDS = "lint/test_bounds.py"
LINTED = "lint/test_streams.py"
DAMAGE = "faults/test_hostile.py::test_damaged_with_one_line"
SHOWN = "faults/test_hostile.py::test_odd_values_are_shown"
LINEAR = "faults/test_hostile.py::test_in_linear_time"
CRAFTED = "faults/test_hostile.py::test_some_crafted_packages"
FUZZ = "faults/test_fuzz.py::test_100_mutants"

ROWS: dict[str, Row] = {
    "D1": Row("a folder of somebody else beside the cache", f"{CACHE}::test_nothing_foreign_is_removed"),
    "D2": Row(
        "two versions that share a cache", f"{CACHE}::test_two_versions_lint_in_turn_and_both_stay_warm"
    ),
    "D3": Row("a flipped bit in the cache", f"{CACHE}::test_no_damage_changes_an_answer"),
    "D4": Row(
        "a full disk under the cache",
        f"{CACHE}::test_a_write_that_fails_leaves_no_draft_and_the_file_as_it_was",
    ),
    "D5": Row(
        "a pipe or a device in place of an entry", f"{CACHE}::test_what_is_no_file_of_ours_is_passed_over"
    ),
    "D6": Row(
        "a file in the working directory named like a module of Python",
        f"{FOLDER}::test_no_command_runs_a_file_of_its_folder",
    ),
    "D7": Row(
        "a request to the server that is none",
        f"{REQUESTS}::test_bad_parameters_get_an_error_reply",
        f"{REQUESTS}::test_a_file_that_is_not_open_has_an_answer",
    ),
    "D8": Row(
        "a flipped bit in a checkpoint, or in a file of example data",
        f"{FLIPS}::test_flips_in_every_region",
        f"{FLIPS}::test_a_flipped_weight_is_not_built",
        f"{FLIPS}::test_a_flipped_example_is_not_built",
    ),
    "D9": Row(
        "a checkpoint that was cut, or goes on",
        f"{FLIPS}::test_cut_or_continued",
        f"{INPUT}::test_truncated_checkpoint",
    ),
    "D10": Row(
        "a draft that a killed run of the linter left",
        f"{CACHE}::test_the_draft_of_a_killed_run_goes_with_the_next_look",
    ),
    "P1": Row(
        "a variable that the model's code sets",
        f"{PROOF}::test_a_variable_that_the_model_sets",
        f"{PROOF}::test_where_the_system_does_not_keep_the_first_environment",
    ),
    "P2": Row(
        "a folder that the model's code puts on the path",
        f"{PROOF}::test_a_folder_that_the_model_puts_on_the_path",
        f"{PROOF}::test_the_folder_of_a_script_is_not_imported_from",
    ),
    "P3": Row(
        "model code that ran before the build",
        f"{PROOF}::test_from_a_notebook",
        f"{PROOF}::test_the_command_says_that_the_model_ran_before",
    ),
    "P4": Row(
        "an output of any name or kind that is wrong",
        f"{OUTPUTS}::test_every_output_counts_whatever_it_is_called",
        f"{OUTPUTS}::test_one_that_is_wrong_is_seen",
        f"{OUTPUTS}::test_what_changes_is_seen_in_every_kind",
    ),
    "P5": Row("references that are zero by symmetry", f"{OUTPUTS}::test_zero_by_symmetry"),
    "P6": Row("an output that was doubled", "pack/test_update.py::test_an_output_that_was_doubled"),
    "P7": Row(
        "outputs of other kinds, large ones, numbers that are not finite",
        f"{OUTPUTS}::test_all_that_is_numbers_is_compared_and_the_rest_is_said",
        f"{OUTPUTS}::test_what_lies_outside_of_the_sample_is_in_the_norm",
    ),
    "P8": Row(
        "intermediates that differ",
        f"{UPDATE}::test_what_is_passed_on_beside_the_results_may_change",
        f"{VERIFY}::test_predictions_are_compared",
    ),
    "P9": Row(
        "no references, or those of 0.1",
        f"{VERIFY}::test_a_package_of_nequips_own_command",
        f"{VERIFY}::test_a_package_of_nequip_pack_0_1",
    ),
    "P10": Row(
        "a failure without a place",
        f"{FAILURE}::test_where_packaged_code_fails",
        f"{FAILURE}::test_where_code_fails_before_it_is_packaged",
    ),
    "P11": Row(
        "outputs that show nothing: never finite, or of one name",
        f"{OUTPUTS}::test_an_output_that_is_never_finite_shows_nothing",
        f"{OUTPUTS}::test_outputs_of_one_name_are_not_compared",
    ),
    "F1": Row("a package and its altered twin", f"{DIFF}::test_packages_against_each_other", FUZZ),
    "F2": Row(
        "callables, constants, nested pickles and generated source that were altered",
        f"{ALTERED}::test_an_alteration_is_told",
    ),
    "F3": Row("a damaged pickle", f"{ALTERED}::test_a_damaged_pickle_is_refused"),
    "M1": Row("externals that only a modifier's imports need", f"{KEPT}::test_chains_of_commands"),
    "M2": Row("the input as output", f"{IN_PLACE}::test_refused_before_anything_runs"),
    "M3": Row(
        "what fails while a package is replaced", f"{IN_PLACE}::test_what_fails_in_place_leaves_the_package"
    ),
    "M4": Row(
        "what a killed run left in the temporary directory",
        f"{SCRATCH}::test_the_next_command_removes_what_a_killed_one_left",
    ),
    "M5": Row(
        "folders and files of others that are named like ours",
        f"{SCRATCH}::test_what_is_not_ours_stays",
        f"{SCRATCH}::test_a_link_inside_is_not_followed",
    ),
    "M6": Row("what nequip's own command packaged", f"{KEPT}::test_nequips_package"),
    "C1": Row("some of our records are gone", f"{RECORDS}::test_a_package_that_lost_some_of_its_records"),
    "C2": Row("another tool wrote the package anew", f"{RECORDS}::test_what_nequips_own_commands_rewrote"),
    "C3": Row(
        "names and kinds of members that readers understand differently",
        f"{NAMES}::test_a_name_that_is_not_one_file_everywhere",
        f"{NAMES}::test_members_and_folders",
        f"{NAMES}::test_an_entry_that_is_neither_file_nor_folder",
    ),
    "C4": Row("commands that contradict each other", f"{RECORDS}::test_one_verdict_on_contradictions"),
    "C5": Row("a warning beside a promise", f"{RECORDS}::test_nothing_is_called_here_beside_a_warning"),
    "C6": Row(
        "a cut file with the end of an archive inside",
        f"{READING}::test_cuts_are_told_from_the_end_of_an_archive_inside",
        f"{READING}::test_cuts_at_borders_of_members",
    ),
    "C7": Row(
        "a library at hand that lacks what pickles ask for",
        f"{ASKED}::test_arrays_under_a_numpy_of_another_layout",
        f"{ASKED}::test_a_name_that_is_missing",
        f"{ASKED}::test_a_pickle_in_a_pickle_asks_too",
        f"{ASKED}::test_what_is_not_known_is_said",
    ),
    "B1": Row(
        "YAML whose aliases grow, or that holds itself",
        f"{DAMAGE}[E1 aliases that grow (metadata)]",
        f"{DAMAGE}[E1 a mapping that holds itself (value)]",
        f"{DAMAGE}[E1 merge keys that grow (metadata)]",
    ),
    "B2": Row("keys with equal hashes", f"{DAMAGE}[E2 numbers of one hash (value)]"),
    "B3": Row(
        "dates and numbers that cannot be made",
        f"{DAMAGE}[E3 no day (value)]",
        f"{DAMAGE}[E3 a number of 5,000 digits (value)]",
        f"{DAMAGE}[J2 a number of 5,000 digits (model/closure.json)]",
    ),
    "B4": Row(
        "deep YAML and JSON",
        f"{DAMAGE}[E4 lists 100,000 deep (value)]",
        f"{DAMAGE}[E4 dashes 50,000 deep (metadata)]",
        f"{DAMAGE}[J1 lists 100,000 deep (model/closure.json)]",
    ),
    "B5": Row(
        "surrogates and escapes in texts",
        f"{DAMAGE}[E5 a surrogate (value)]",
        f"{DAMAGE}[J3 a surrogate (model/closure.json)]",
        f"{SHOWN}[E5 an escape of a terminal (value)]",
    ),
    "B6": Row(
        "what readers of YAML and JSON understand differently",
        f"{DAMAGE}[E6 a key twice (value)]",
        f"{DAMAGE}[E6 a python object (value)]",
        f"{DAMAGE}[J4 a key twice (model/closure.json)]",
    ),
    "B7": Row(
        "very many nodes",
        f"{DAMAGE}[E7 300,000 items (value)]",
        f"{DAMAGE}[J5 a million items (model/closure.json)]",
        f"{DAMAGE}[E7 tag directives (metadata)]",
    ),
    "B8": Row(
        "metadata of wrong types",
        f"{DAMAGE}[V1 versions.torch is a mapping]",
        f"{DAMAGE}[V1 nequip_pack.cutoff is not a number]",
        f"{SHOWN}[V1 nequip_pack.lint.warnings is mixed keys]",
    ),
    "B9": Row(
        "pickles with huge places, sizes, depth or cycles, and tensors beyond their storage",
        f"{PICKLES}::test_refused",
        f"{PICKLES}::test_read_walked_and_compared",
        f"{PICKLES}::test_the_largest_stay_small",
    ),
    "B10": Row(
        "source that expressions take the square of its length for",
        f"{LINEAR}[S1 from and blanks]",
        f"{LINEAR}[S1 a name of 300,000]",
    ),
    "B11": Row("source nested 100,000 deep", f"{LINEAR}[S2 brackets]", f"{LINEAR}[S2 f-strings]"),
    "B12": Row("300,000 externals", f"{DAMAGE}[X1 300,000 names]", f"{LINEAR}[X1 10,000 libraries]"),
    "B13": Row(
        "chains and rings of modules",
        f"{LINEAR}[S5 2,000 subclasses]",
        f"{LINEAR}[S5 a ring of 300]",
        "lint/test_world.py::test_a_chain_of_any_length",
    ),
    "B14": Row("source too large to be parsed", f"{LINEAR}[S3 6 MB of semicolons]"),
    "B15": Row("any change of any member, at random", FUZZ, CRAFTED),
    "B16": Row(
        "tensors that do not fit into their storage",
        f"{TENSORS}::test_a_tensor_that_does_not_fit_into_its_storage",
    ),
    "B17": Row(
        "settings of the linter that are deep, long or of wrong types",
        f"{BOUNDS}::test_settings_that_cannot_be_read_are_one_line",
        f"{BOUNDS}::test_odd_metadata_hides_no_file",
        f"{BOUNDS}::test_a_baseline_that_is_nested",
    ),
    "B18": Row(
        "source that is linted: deep, long, or in odd codings",
        f"{BOUNDS}::test_source_that_cannot_be_read_is_a_finding",
        f"{BOUNDS}::test_long_source_is_judged",
        f"{BOUNDS}::test_a_chain_of_300_modules",
    ),
    "B19": Row(
        "names that are no text, and a working directory that was deleted",
        f"{BOUNDS}::test_names_that_are_no_text",
        f"{BOUNDS}::test_a_working_directory_that_was_deleted",
    ),
    "B20": Row("folders 600 deep", "lint/test_folders.py::test_folders_600_deep"),
    "S1": Row("an answer that cannot be written", f"{STREAMS}::test_an_answer_that_cannot_be_written"),
    "S2": Row("a closed error stream", f"{STREAMS}::test_a_closed_error_stream_changes_nothing"),
    "S3": Row("letters that the stream has not", f"{STREAMS}::test_text_that_the_stream_has_no_letters_for"),
    "S4": Row("no command", f"{STREAMS}::test_without_a_command_the_help_is_shown"),
    "S5": Row(
        "the linter's streams",
        f"{LINTED}::test_a_reader_that_has_gone",
        f"{LINTED}::test_an_answer_that_is_lost",
        f"{LINTED}::test_a_stream_that_is_not_needed",
    ),
    "S6": Row(
        "text for the terminal",
        f"{ESCAPING}::test_nothing_of_a_package_obeys_it",
        f"{ESCAPING}::test_what_the_code_of_a_package_says",
        f"{LINTED}::test_nothing_reaches_a_terminal_as_it_is",
    ),
    "S7": Row("paths that the system refuses", f"{INPUT}::test_paths_that_the_system_refuses"),
    "A1": Row("a calculator in other processes", f"{ASE}::test_other_processes_and_a_band"),
    "A2": Row("another package in its place", f"{ASE}::test_another_package_in_its_place_is_not_taken"),
    "A3": Row("positions that are not finite", f"{ASE}::test_what_is_not_finite_never_reaches_the_model"),
    "K1": Row(
        "data that cannot be made",
        f"{CHECKPOINTS}::test_example_data_where_the_data_module_cannot_be_made",
        f"{CHECKPOINTS}::test_what_is_said_without_example_data",
    ),
    "K2": Row(
        "what a package does not need is missing",
        f"{CHECKPOINTS}::test_what_a_package_does_not_need_stops_nothing",
    ),
    "K3": Row("what is needed is missing", f"{CHECKPOINTS}::test_what_is_needed_is_named"),
    "K4": Row("what cannot be pickled", "pack/test_unpicklable.py::test_each_kind_is_named"),
    "K5": Row(
        "an origin that was moved, is another, or left no hash",
        f"{AGAIN}::test_an_origin_that_was_moved",
        f"{AGAIN}::test_an_origin_without_a_hash",
        f"{AGAIN}::test_an_origin_that_is_gone",
    ),
    "K6": Row(
        "ids of nequip.net and pointers of Git LFS",
        f"{INPUT}::test_an_id_of_nequip_net",
        f"{INPUT}::test_not_a_checkpoint[pointer]",
        f"{AGAIN}::test_an_origin_of_nequip_net",
    ),
    "K7": Row("the code of a script", "pack/test_plain.py::test_code_of_a_script"),
    "K8": Row(
        "a pickle that no training wrote",
        f"{INPUT}::test_a_pickle_that_no_training_wrote",
        f"{INPUT}::test_a_configuration_that_holds_itself",
    ),
    "K9": Row(
        "an import's name taken for a distribution's",
        "pack/test_installed.py::test_no_other_code_makes_such_advice",
    ),
}
