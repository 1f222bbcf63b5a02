"""Faults of ground: one wrong line each, and what it breaks."""

from planted.fault import Fault

_FILES_TESTS = "unit/test_files.py::"

FAULTS = (
    Fault(
        breaks="two processes hold one lock",
        file="files.py",
        old="while not _try_lock(descriptor, path, error):",
        new="while not path:",
        noticed_by=_FILES_TESTS + "test_one_process_at_a_time_holds_a_lock_which_ends_with_the_process",
    ),
    Fault(
        breaks="a till that is killed while it writes has half a file",
        file="files.py",
        old="        partial.replace(path)\n        _sync_folder(path.parent)",
        new="        path.write_bytes(content[:1]); partial.replace(path)\n        _sync_folder(path.parent)",
        noticed_by=_FILES_TESTS + "test_a_program_that_is_killed_in_the_middle_leaves_the_old_file",
    ),
    Fault(
        breaks="a secret key lies open to everybody on the machine",
        file="files.py",
        old="SECRET_MODE = 0o600",
        new="SECRET_MODE = 0o644",
        noticed_by=_FILES_TESTS + "test_a_secret_is_readable_by_its_owner_alone",
    ),
    Fault(
        breaks="a fault in catalogue.toml has the line of the newest table",
        file="config/toml_lines.py",
        old="self._lines.setdefault(path[:end], line)",
        new="self._lines[path[:end]] = line",
        noticed_by="unit/config/test_toml_lines.py::test_tables_and_options_of_a_plain_file_are_found",
    ),
)
