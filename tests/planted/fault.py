"""What a planted fault is; the faults themselves lie in faults/, a module per layer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One change of the source that the tests must notice.

    Attributes:
        breaks: what is wrong then, in one sentence.
        file: of src/socpass_vc.
        old: text that stands in the file exactly once.
        new: what takes its place.
        noticed_by: a folder of test_vectors/, or a test file of tests/ with a test's name.
    """

    breaks: str
    file: str
    old: str
    new: str
    noticed_by: str = "pass"
