"""Faults of issuer publication: one wrong line each, and what it breaks."""

from planted.fault import Fault

_PUBLISHED_DELTA_TESTS = "unit/issuer/publication/test_status_deltas.py::"

FAULTS = (
    Fault(
        breaks="a list that has not changed stays out of a publication with changes",
        file="issuer/publication/status_lists.py",
        old="if is_good and together_at is None:",
        new="if is_good:",
        noticed_by=f"{_PUBLISHED_DELTA_TESTS}test_all_lists_of_a_publication_with_changes_have_one_time_later_than_that_of_each",
    ),
    Fault(
        breaks="two publications with changes have one time while the clock stands",
        file="issuer/publication/status_lists.py",
        old="*(signed_at + 1 for signed_at in before)",
        new="*before",
        noticed_by=f"{_PUBLISHED_DELTA_TESTS}test_all_lists_of_a_publication_with_changes_have_one_time_later_than_that_of_each",
    ),
    Fault(
        breaks="deltas that are no longer kept stay on the site",
        file="issuer/publication/status_deltas.py",
        old="        site.drop(path)\n",
        new="        pass\n",
        noticed_by=f"{_PUBLISHED_DELTA_TESTS}test_only_the_last_deltas_are_on_the_site",
    ),
    Fault(
        breaks="the next catalogue is not later than the last",
        file="issuer/publication/catalogue.py",
        old="    return max(now, before + timedelta(seconds=1))",
        new="    return now",
        noticed_by="unit/issuer/publication/test_catalogue.py::test_each_catalogue_is_later_than_the_one_before_even_if_the_clock_is_not",
    ),
    Fault(
        breaks="a wrong catalogue holds a revocation up",
        file="issuer/publication/publish.py",
        old="        site.show()\n",
        new="        publish_catalogue(agency, site_folder, lambda: signer, now=now)\n        site.show()\n",
        noticed_by="unit/issuer/publication/test_catalogue.py::test_a_wrong_file_leaves_the_older_catalogue_and_holds_no_revocation_up",
    ),
    Fault(
        breaks="a site goes back to an older list of its federation",
        file="issuer/publication/trust_bundle.py",
        old="    if have < had:",
        new="    if have < (0, 0):",
        noticed_by="unit/issuer/publication/test_publish.py::"
        "test_a_site_does_not_go_back_to_an_older_list_of_the_federation_and_changes_federations_freely",
    ),
)
