"""The public face: names of the library, imported when they are used."""

import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import pytest

import socpass_vc
from socpass_vc import errors


def test_every_name_of_the_public_face_is_there() -> None:
    for name in socpass_vc.__all__:
        assert getattr(socpass_vc, name) is not None


def test_the_names_are_listed_once_and_in_order() -> None:
    assert list(socpass_vc.__all__) == sorted(set(socpass_vc.__all__))
    assert dir(socpass_vc) == list(socpass_vc.__all__)


def test_a_name_is_the_thing_in_its_home() -> None:
    assert socpass_vc.verify is import_module("socpass_vc.verifier.decide").verify
    assert socpass_vc.SocpassError is errors.SocpassError


def test_another_name_is_an_attribute_error_as_in_any_module() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'verfy'"):
        _ = socpass_vc.verfy


def test_everything_can_be_imported_at_once() -> None:
    # when
    program = "from socpass_vc import *; print(verify.__name__)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    # then
    assert (ran.stdout.strip(), ran.stderr) == (b"verify", b"")


def imported(program: str) -> set[str]:
    """Return the top-level modules that a program has imported at its end, without those of a measurement of coverage."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    ran = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return set(ran.stdout.split())


def test_importing_the_library_imports_none_of_what_it_stands_on() -> None:
    assert not imported("import socpass_vc") & {"nacl", "PIL", "zxingcpp", "segno", "sqlalchemy", "pyzbar", "zoneinfo"}


def test_a_till_that_verifies_imports_no_pictures_and_no_database() -> None:
    # when
    found = imported("from socpass_vc import verify, Store")

    # then
    assert not found & {"cbor2", "PIL", "zxingcpp", "segno", "sqlalchemy", "pyzbar", "sqlite3", "urllib3", "ssl"}


def test_the_version_is_that_of_the_installed_distribution_if_there_is_one() -> None:
    try:
        installed = version("socpass-vc")
    except PackageNotFoundError:
        installed = socpass_vc.__version__
    assert socpass_vc.__version__ == installed


# --- Errors -------------------------------------------------------------------------------------------------


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SocpassError)]


def test_every_error_has_a_code_of_its_own() -> None:
    # given
    codes = [kind.code for kind in KINDS]

    # then
    assert len(set(codes)) == len(codes)
    assert all(code.replace("_", "").isalpha() and code.islower() for code in codes)


def test_every_error_is_documented_and_belongs_to_at_most_one_family() -> None:
    # given
    families = (errors.Rejected, errors.Undecided, errors.Unreadable, errors.TrustError)

    # then
    for kind in KINDS:
        assert kind.__doc__
        assert sum(issubclass(kind, family) for family in families) <= 1


def test_facts_that_are_added_further_up_do_not_replace_those_that_are_there() -> None:
    # given
    error = errors.Expired("expired", expired_at=1)

    # when
    error.add(expired_at=2, issuer="RU-BA")

    # then
    assert error.facts == {"expired_at": 1, "issuer": "RU-BA"}
    assert str(error) == "expired"
