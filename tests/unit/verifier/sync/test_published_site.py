"""What a till brings from published sites, by real servers: its trust list, then what this names, wherever that lies."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import webserver
import world
from publications import BIG, FEW, Publisher, many, write_trust
from said import refused
from socpass_vc.errors import SourceError, StoreError
from socpass_vc.format import cbor, cose
from socpass_vc.format.fields import to_seconds
from socpass_vc.format.status.status_list import Status, sign_status_list
from socpass_vc.messages import Message
from socpass_vc.verifier.decide import verify
from socpass_vc.verifier.store.till_store import Store
from socpass_vc.verifier.sync import issuer_files
from socpass_vc.verifier.sync.client import Client, ClientLimits
from socpass_vc.verifier.sync.issuer_files import FetchedFile, FetchOutcome
from socpass_vc.verifier.sync.published_site import PublishedSite
from socpass_vc.verifier.sync.validators import FILE_NAME
from webserver import Site, content_of, serving, status

PATIENT = ClientLimits(pause_seconds=0.01)  # a good server may be slow on a busy machine
IMPATIENT = ClientLimits(silence_seconds=1, file_seconds=2, pause_seconds=0.01)
LATER = world.NOW + 10 * world.DAY


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "site").mkdir()
    with serving(tmp_path / "site") as running:
        yield running


@pytest.fixture
def agency(server: Site) -> Publisher:
    """Return an agency whose files lie where its status base says, published once."""
    made = Publisher("RU-BA", f"{server.url}status/", server.folder / "status")
    write_trust(server.folder, made)
    made.publish(0, {})
    return made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "till", world.root().encode())


def bring(store: Store, url: str, *issuers: str, now: datetime = LATER, limits: ClientLimits = PATIENT) -> list[FetchedFile]:
    """Bring the store up to date, as a till that starts anew."""
    with Client(limits=limits) as client:
        return list(PublishedSite(url, client).bring(Store.open(store.folder), clock=lambda: now, issuers=issuers))


def said(found: list[FetchedFile], site: Site) -> list[str]:
    """Return outcome, path and code of each."""
    return [
        " ".join([each.outcome, each.url.removeprefix(site.url), *([] if each.error is None else [each.error.code])])
        for each in found
    ]


def entries(store: Store, uri: str) -> dict[int, int]:
    found = Store.open(store.folder).get(uri)
    assert found is not None
    return dict(found.content.set_entries())


def day(store: Store, uri: str) -> int:
    found = Store.open(store.folder).get(uri)
    assert found is not None
    return (found.content.issued_at - world.ISSUED_AT).days


# --- Whose turn it is ---------------------------------------------------------------------------------------------


def test_an_agency_whose_files_are_long_uses_up_what_the_others_leave_over(store: Store, server: Site) -> None:
    # given two agencies with short lists and between them one with long ones, more than all may have together
    few = [Publisher(name, f"{server.url}{name}/status/", server.folder / name / "status") for name in ("RU-A", "RU-C")]
    greedy = Publisher("RU-B", f"{server.url}RU-B/status/", server.folder / "RU-B" / "status")
    write_trust(server.folder, few[0], greedy, few[1])
    for each in few:
        each.publish(0, FEW, FEW, FEW)
    greedy.publish(0, *[many(seed) for seed in range(6)], entries=BIG)
    long = (greedy.folder / "0.cwt").stat().st_size

    # when
    found = bring(store, server.url, limits=ClientLimits(pause_seconds=0.01, all_bytes=2 * long + 8_192))

    # then
    taken = {each.url.removeprefix(server.url) for each in found if each.outcome is FetchOutcome.NEW}
    assert {f"{name}/status/{number}.cwt" for name in ("RU-A", "RU-C") for number in range(3)} < taken
    assert [each.issuer for each in found if each.outcome is FetchOutcome.MISSING][-1] == "RU-B"


def test_an_agency_whose_server_takes_long_waits_until_the_others_had_their_turn(
    store: Store, server: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    slow = Publisher("RU-A", f"{server.url}RU-A/status/", server.folder / "RU-A" / "status")
    other = Publisher("RU-B", f"{server.url}RU-B/status/", server.folder / "RU-B" / "status")
    write_trust(server.folder, slow, other)
    for each in (slow, other):
        each.publish(0, FEW, FEW, FEW)
    waits: list[str] = []
    monkeypatch.setattr(Client, "spent", property(lambda _: float(len(waits))))

    def late(handler: webserver.Handler) -> None:
        waits.append(handler.path)
        webserver.serve(handler)

    server.faults["/RU-A/status/0.cwt"] = [late]

    # when
    found = bring(store, server.url)

    # then
    assert [each.issuer for each in found] == [None, "RU-A", *["RU-B"] * 3, *["RU-A"] * 2]


# --- A site that is as it should be -------------------------------------------------------------------------------


def test_what_the_trust_list_names_is_brought_and_nothing_else(store: Store, server: Site, agency: Publisher) -> None:
    # given
    agency.publish(0, FEW, {})
    agency.publish_catalogue()
    (agency.folder / "evil.cwt").write_bytes(b"x")

    # when
    found = bring(store, server.url)

    # then
    expected = ["new trust.spt", "new status/0.cwt", "new status/1.cwt", "new status/catalogue.cwt"]
    assert said(found, server) == expected
    assert [each.issuer for each in found] == [None, "RU-BA", "RU-BA", "RU-BA"]
    assert server.paths == [f"/{name}" for name in ("trust.spt", *(f"status/{n}.cwt" for n in (0, 1, 2, "catalogue")))]
    assert entries(store, f"{agency.base}0") == FEW
    assert Store.open(store.folder).has_catalogues


def test_a_site_that_has_not_changed_costs_one_short_answer_a_file(store: Store, server: Site, agency: Publisher) -> None:
    # given
    agency.publish_catalogue()
    bring(store, server.url)
    server.forget()

    # when
    found = bring(store, server.url)

    # then
    assert said(found, server) == ["same trust.spt", "same status/0.cwt", "same status/catalogue.cwt"]
    assert server.statuses == [304, 304, 404, 304]


def test_a_url_without_its_last_stroke_is_the_same_site(store: Store, server: Site, agency: Publisher) -> None:
    assert said(bring(store, server.url.rstrip("/")), server) == ["new trust.spt", "new status/0.cwt"]
    assert agency.lists
    with Client() as client, refused(SourceError, "url.query_of_site"):
        PublishedSite(f"{server.url}?a=b", client)


def test_the_bundle_of_a_new_till_is_not_asked_for_twice(store: Store, server: Site, agency: Publisher) -> None:
    with Client() as client:
        site = PublishedSite(server.url, client)
        assert site.bundle() == (server.folder / "trust.spt").read_bytes()
        assert [each.error for each in site.bring(store, clock=lambda: LATER)] == [None, None]
    assert server.paths.count("/trust.spt") == 1
    assert agency.lists


def test_a_till_asks_for_the_issuers_that_it_wants(store: Store, server: Site, agency: Publisher) -> None:
    # given
    other = Publisher("RU-MOS", f"{server.url}mos/", server.folder / "mos")
    other.publish(0, {})
    write_trust(server.folder, agency, other)

    # then
    assert said(bring(store, server.url, "RU-MOS"), server) == ["new trust.spt", "new mos/0.cwt"]
    assert said(bring(store, server.url), server) == ["same trust.spt", "new status/0.cwt", "same mos/0.cwt"]
    with refused(SourceError, "trust_list_without_issuer", issuer="RU-X", known=["RU-BA", "RU-MOS"]):
        bring(store, server.url, "RU-X")


def test_of_many_issuers_a_message_lists_some(store: Store, server: Site) -> None:
    write_trust(server.folder, *(Publisher(f"RU-{n:02}", f"{server.url}{n}/", server.folder / str(n)) for n in range(12)))
    with refused(SourceError, "trust_list_without_issuer", known=[*(f"RU-{n:02}" for n in range(10)), "…"]):
        bring(store, server.url, "RU-X")


# --- A till that lost something heals -----------------------------------------------------------------------------


def test_a_list_that_is_lost_comes_again_whatever_is_remembered(store: Store, server: Site, agency: Publisher) -> None:
    # given
    agency.publish_catalogue()
    bring(store, server.url)
    for path in [
        *(store.folder / "status").glob("*.cwt"),
        *(store.folder / "catalogue").glob("*.cwt"),
        store.folder / "trust.spt",
    ]:
        path.unlink()

    # then
    assert said(bring(store, server.url), server) == ["new trust.spt", "new status/0.cwt", "new status/catalogue.cwt"]


def test_an_older_copy_of_the_store_beside_newer_notes_is_brought_up_to_date(
    store: Store, server: Site, agency: Publisher, tmp_path: Path
) -> None:
    # given
    bring(store, server.url)
    shutil.copytree(store.folder, tmp_path / "copy")
    agency.publish(1, FEW)
    write_trust(server.folder, agency, version=2, day=1)
    bring(store, server.url)
    shutil.copy(store.folder / FILE_NAME, tmp_path / "copy" / FILE_NAME)

    # when
    found = bring(Store.open(tmp_path / "copy"), server.url)

    # then
    assert said(found, server) == ["new trust.spt", "new status/0.cwt"]


@pytest.mark.parametrize("content", [None, b"rubbish", b"{}"])
def test_notes_that_are_lost_or_damaged_cost_one_download(
    store: Store, server: Site, agency: Publisher, content: bytes | None
) -> None:
    # given
    bring(store, server.url)
    server.forget()
    (store.folder / FILE_NAME).unlink() if content is None else (store.folder / FILE_NAME).write_bytes(content)

    # then
    assert said(bring(store, server.url), server) == ["same trust.spt", "same status/0.cwt"]
    assert server.statuses == [200, 200, 404, 404]
    server.forget()
    bring(store, server.url)
    assert server.statuses == [304, 304, 404, 404]
    assert agency.lists


def test_a_damaged_trust_list_of_the_till_is_said_as_ever(store: Store, server: Site, agency: Publisher) -> None:
    bring(store, server.url)
    (store.folder / "trust.spt").write_bytes(b"rubbish")
    with refused(StoreError, "damaged_file"):
        bring(store, server.url)
    assert agency.lists


def test_a_damaged_list_of_the_till_is_said_as_ever(store: Store, server: Site, agency: Publisher) -> None:
    bring(store, server.url)
    next((store.folder / "status").glob("*.cwt")).write_bytes(b"rubbish")
    with refused(StoreError, "damaged_file"):
        bring(store, server.url)
    assert agency.lists


# --- Sites that are not -------------------------------------------------------------------------------------------


def test_without_a_trust_list_nothing_else_is_asked_for(store: Store, server: Site) -> None:
    assert said(bring(store, server.url), server) == ["missing trust.spt not_found"]
    assert server.paths == ["/trust.spt"]


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (status(404), "missing trust.spt not_found"),
        (webserver.truncated, "missing trust.spt unreachable"),
        (webserver.stalled, "missing trust.spt unreachable"),
        (content_of(b"\x83rubbish"), "refused trust.spt malformed"),
    ],
    ids=["404", "truncated", "stalled", "rubbish"],
)
def test_a_till_whose_trust_list_does_not_come_goes_on_with_the_one_at_hand(
    store: Store, server: Site, agency: Publisher, fault: webserver.Fault, what: str
) -> None:
    # given
    bring(store, server.url)
    agency.publish(1, FEW)
    server.faults["/trust.spt"] = [fault]

    # then
    assert said(bring(store, server.url, limits=IMPATIENT), server) == [what, "new status/0.cwt"]


def test_an_older_trust_list_is_refused_and_the_newer_one_stays(store: Store, server: Site, agency: Publisher) -> None:
    write_trust(server.folder, agency, version=2)
    bring(store, server.url)
    write_trust(server.folder, agency, version=1)
    assert said(bring(store, server.url), server) == ["refused trust.spt rolled_back", "same status/0.cwt"]
    assert Store.open(store.folder).trust.list.version == 2


def test_lists_under_each_others_names_are_refused_and_the_rest_is_kept(store: Store, server: Site, agency: Publisher) -> None:
    # given
    agency.publish(0, {}, {}, {})
    bring(store, server.url)
    agency.publish(1, FEW, FEW, FEW)
    swapped = {name: (agency.folder / name).read_bytes() for name in ("0.cwt", "1.cwt")}
    server.faults = {"/status/0.cwt": [content_of(swapped["1.cwt"])], "/status/1.cwt": [content_of(swapped["0.cwt"])]}

    # when
    found = bring(store, server.url)

    # then
    names = ["same trust.spt", "refused status/0.cwt bad_source", "refused status/1.cwt bad_source", "new status/2.cwt"]
    assert said(found, server) == names
    assert str(found[1].error) == f"{server.url}status/0.cwt: holds {agency.base}1, not {agency.base}0"
    assert [day(store, f"{agency.base}{number}") for number in range(3)] == [0, 0, 1]


def test_a_list_of_another_issuer_or_a_catalogue_under_a_lists_name_is_refused(
    store: Store, server: Site, agency: Publisher
) -> None:
    # given
    agency.publish_catalogue()
    server.faults["/status/0.cwt"] = [content_of((agency.folder / "catalogue.cwt").read_bytes())]
    server.faults["/status/catalogue.cwt"] = [content_of((agency.folder / "0.cwt").read_bytes())]

    # then
    expected = ["new trust.spt", "refused status/0.cwt malformed", "refused status/catalogue.cwt malformed"]
    assert said(bring(store, server.url), server) == expected


def test_a_404_in_the_middle_says_which_list_is_missing_and_keeps_the_others(
    store: Store, server: Site, agency: Publisher
) -> None:
    # given
    agency.publish(0, {}, {}, {})
    bring(store, server.url)
    agency.publish(1, FEW, FEW, FEW)
    (agency.folder / "1.cwt").unlink()

    # then
    names = ["same trust.spt", "new status/0.cwt", "missing status/1.cwt not_found", "new status/2.cwt"]
    assert said(bring(store, server.url), server) == names


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (status(500), "unreachable"),
        (webserver.truncated, "unreachable"),
        (webserver.stalled, "unreachable"),
        (webserver.dripping, "unreachable"),
        (webserver.endless, "bad_source"),
        (content_of(b"x" * 100, Content_Encoding="gzip"), "bad_source"),
        (content_of(b"<html>"), "bad_source"),
        (status(302, Location="https://elsewhere.example.ru/"), "redirect_refused"),
    ],
    ids=["500", "truncated", "stalled", "dripping", "endless", "packed", "page", "redirect"],
)
def test_a_list_that_does_not_come_leaves_the_old_one_and_all_others_come(
    store: Store, server: Site, agency: Publisher, fault: webserver.Fault, code: str
) -> None:
    # given
    agency.publish(0, {}, {})
    bring(store, server.url)
    agency.publish(1, FEW, FEW)
    server.faults["/status/0.cwt"] = [fault]

    # then
    expected = ["same trust.spt", f"missing status/0.cwt {code}", "new status/1.cwt"]
    assert said(bring(store, server.url, limits=IMPATIENT), server) == expected
    assert (day(store, f"{agency.base}0"), day(store, f"{agency.base}1")) == (0, 1)


def test_a_list_that_inflates_without_end_is_refused(store: Store, server: Site, agency: Publisher) -> None:
    # given
    bring(store, server.url)
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    seconds = to_seconds(world.ISSUED_AT + world.DAY)
    claims: dict[int | str, cbor.Value] = {
        2: f"{agency.base}0",
        4: seconds + 1,
        6: seconds,
        65533: {"bits": 2, "lst": bomb},
        65534: 1,
    }
    token = cose.sign1(cbor.encode(claims), world.key("status RU-BA"), typ="application/statuslist+cwt")
    assert len(token) < 100_000
    server.faults["/status/0.cwt"] = [content_of(token)]

    # then
    found = bring(store, server.url)
    assert said(found, server) == ["same trust.spt", "refused status/0.cwt malformed"]
    assert day(store, f"{agency.base}0") == 0


def test_500_and_then_good_is_good(store: Store, server: Site, agency: Publisher) -> None:
    server.faults["/status/0.cwt"] = [status(500), None]
    assert said(bring(store, server.url), server) == ["new trust.spt", "new status/0.cwt"]
    assert agency.lists


def test_a_first_list_that_is_not_there_is_missing(store: Store, server: Site, agency: Publisher) -> None:
    (agency.folder / "0.cwt").unlink()
    assert said(bring(store, server.url), server) == ["new trust.spt", "missing status/0.cwt not_found"]


def test_a_list_that_the_till_does_not_know_and_that_is_refused_ends_the_count(
    store: Store, server: Site, agency: Publisher
) -> None:
    server.faults["/status/1.cwt"] = [content_of((agency.folder / "0.cwt").read_bytes())]
    assert said(bring(store, server.url), server) == ["new trust.spt", "new status/0.cwt", "refused status/1.cwt bad_source"]
    assert "/status/2.cwt" not in server.paths


def test_so_many_lists_are_asked_for_and_no_more(
    store: Store, server: Site, agency: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_files, "MAX_LISTS", 2)
    agency.publish(0, {}, {}, {})
    assert said(bring(store, server.url), server) == ["new trust.spt", "new status/0.cwt", "new status/1.cwt"]


def test_a_catalogue_that_is_gone_is_missed_until_it_has_expired(store: Store, server: Site, agency: Publisher) -> None:
    # given
    agency.publish_catalogue()
    bring(store, server.url)
    (agency.folder / "catalogue.cwt").unlink()

    # then
    expected = ["same trust.spt", "same status/0.cwt", "missing status/catalogue.cwt not_found"]
    assert said(bring(store, server.url), server) == expected
    assert said(bring(store, server.url, now=LATER + 10 * world.DAY), server) == expected[:2]


def test_a_catalogue_that_does_not_come_is_missing(store: Store, server: Site, agency: Publisher) -> None:
    server.faults["/status/catalogue.cwt"] = [status(500)]
    expected = ["new trust.spt", "new status/0.cwt", "missing status/catalogue.cwt unreachable"]
    assert said(bring(store, server.url), server) == expected
    assert agency.lists


def test_a_status_base_that_is_no_url_is_missing_and_the_others_come(store: Store, server: Site, agency: Publisher) -> None:
    odd = Publisher("RU-ODD", "https://anna:secret@pass.example.ru/", server.folder / "odd")
    write_trust(server.folder, agency, odd)
    found = bring(store, server.url)
    assert [each.outcome for each in found] == ["new", "new", "missing"]
    assert found[-1].url == "https://…@pass.example.ru/0.cwt"
    assert "secret" not in str(found[-1].error)


FAULTS: dict[str, webserver.Fault | None] = {
    "good": None,
    "404": status(404),
    "500": status(500),
    "truncated": webserver.truncated,
    "rubbish": content_of(b"\xd2rubbish"),
    "empty": content_of(b""),
    "page": content_of(b"<html>"),
    "elsewhere": status(302, Location="http://elsewhere.invalid/"),
    "round": status(302, Location="/status/0.cwt"),
    "unchanged": status(304),
}


def test_whatever_a_server_does_each_file_of_the_till_is_what_it_was_or_what_was_published(
    store: Store, server: Site, agency: Publisher
) -> None:
    # given
    files = ("/trust.spt", "/status/0.cwt", "/status/1.cwt", "/status/2.cwt", "/status/catalogue.cwt")
    published = [0]

    def publish() -> None:
        published[0] += 1
        agency.publish(published[0] / 96, FEW, {}, FEW)
        agency.publish_catalogue(published[0] / 96)
        write_trust(server.folder, agency, version=published[0])

    def quarters() -> list[int]:
        till = Store.open(store.folder)
        lists = [found.content.issued_at for found in till.status_lists()]
        return [
            (at - world.ISSUED_AT) // (world.DAY / 96)
            for at in (*lists, *(found.content.issued_at for found in till.catalogues.all()))
        ]

    publish()
    bring(store, server.url)

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.fixed_dictionaries({path: st.sampled_from(list(FAULTS)) for path in files}))
    def holds(faults: dict[str, str]) -> None:
        before = published[0]
        publish()
        server.faults = {path: [FAULTS[name]] for path, name in faults.items()}
        found = bring(store, server.url)

        # then
        assert set(quarters()) <= {before, published[0]}
        assert quarters().count(published[0]) == [each.outcome for each in found[1:]].count(FetchOutcome.NEW)
        assert Store.open(store.folder).trust.list.version in {before, published[0]}
        assert len(quarters()) == 4
        server.faults = {}
        bring(store, server.url)
        assert quarters() == [published[0]] * 4

    holds()


# --- A federation -------------------------------------------------------------------------------------------------


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[tuple[Site, Publisher, Publisher, ExitStack]]:
    """Return a site with a trust list of two agencies, each with a server of its own; closing the stack stops the second."""
    for name in ("root", "ba", "mos"):
        (tmp_path / name).mkdir()
    with serving(tmp_path / "root") as root, serving(tmp_path / "ba") as first, ExitStack() as running:
        second = running.enter_context(serving(tmp_path / "mos"))
        agencies = (
            Publisher("RU-BA", f"{first.url}s/", tmp_path / "ba" / "s"),
            Publisher("RU-MOS", f"{second.url}s/", tmp_path / "mos" / "s"),
        )
        for agency in agencies:
            agency.publish(0, {})
        write_trust(root.folder, *agencies)
        yield root, *agencies, running


def test_each_issuers_files_come_from_its_signed_status_base(
    store: Store, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    root, first, second, _ = federation
    found = bring(store, root.url)
    assert [each.outcome for each in found] == ["new"] * 3
    assert [each.url for each in found[1:]] == [f"{first.base}0.cwt", f"{second.base}0.cwt"]


def test_one_server_that_is_down_costs_its_own_lists_and_no_others(
    store: Store, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    # given
    root, first, second, running = federation
    bring(store, root.url)
    first.publish(1, FEW)
    running.close()

    # when
    found = bring(store, root.url)

    # then
    assert [(each.outcome, each.issuer) for each in found] == [("same", None), ("new", "RU-BA"), ("missing", "RU-MOS")]
    error = found[-1].error
    assert error is not None
    assert (error.reason, error.facts["why"]) == ("connection.not_reached", Message("network.refused"))
    till = Store.open(store.folder)
    for agency in (first, second):
        verified = verify(agency.text(), trust=till.trust, status=till, now=world.NOW)
        assert verified.issuer.id == agency.id


def test_a_mirror_that_holds_all_is_asked_alone(store: Store, federation: tuple[Site, Publisher, Publisher, ExitStack]) -> None:
    # given
    root, first, second, running = federation
    for agency in (first, second):
        shutil.copytree(agency.folder, root.folder / agency.id / "status")
    running.close()

    # then
    expected = ["new trust.spt", "new RU-BA/status/0.cwt", "new RU-MOS/status/0.cwt"]
    assert said(bring(store, root.url), root) == expected
    root.forget()
    assert said(bring(store, root.url), root) == [line.replace("new", "same") for line in expected]
    assert root.statuses.count(304) == 3
    assert 206 not in root.statuses


def test_a_copy_of_one_agencys_site_serves_that_agency_and_the_others_come_from_their_bases(
    store: Store, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    root, first, second, _ = federation
    shutil.copytree(second.folder, root.folder / "status")
    assert [each.url for each in bring(store, root.url)[1:]] == [f"{first.base}0.cwt", f"{root.url}status/0.cwt"]


def test_a_mirror_that_loses_an_issuer_is_left_for_its_base_at_the_next_time(
    store: Store, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    # given
    root, first, _, _ = federation
    shutil.copytree(first.folder, root.folder / "RU-BA" / "status")
    bring(store, root.url, "RU-BA")
    shutil.rmtree(root.folder / "RU-BA")

    # then
    assert said(bring(store, root.url, "RU-BA"), root) == ["same trust.spt", "missing RU-BA/status/0.cwt not_found"]
    assert [each.url for each in bring(store, root.url, "RU-BA")[1:]] == [f"{first.base}0.cwt"]


def test_a_mirror_that_fails_for_once_is_asked_again_the_next_time(
    store: Store, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    # given
    root, first, _, _ = federation
    shutil.copytree(first.folder, root.folder / "RU-BA" / "status")
    root.faults["/RU-BA/status/0.cwt"] = [status(400), None]

    # then
    assert [each.url for each in bring(store, root.url, "RU-BA")[1:]] == [f"{first.base}0.cwt"]
    assert [each.url for each in bring(store, root.url, "RU-BA")[1:]] == [f"{root.url}RU-BA/status/0.cwt"]


def test_a_page_that_a_mirror_sends_for_whatever_it_does_not_have_is_no_mirrored_list(
    store: Store, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    root, first, second, _ = federation
    for path in ("/RU-BA/status/0.cwt", "/RU-MOS/status/0.cwt", "/status/0.cwt"):
        root.faults[path] = [content_of(b"welcome")]
    assert [each.url for each in bring(store, root.url)[1:]] == [f"{first.base}0.cwt", f"{second.base}0.cwt"]


# --- Deltas, where that is cheaper --------------------------------------------------------------------------------


@pytest.fixture
def big(server: Site, store: Store) -> Publisher:
    """Return an agency with two lists that are worth a delta, which the till has."""
    made = Publisher("RU-BA", f"{server.url}status/", server.folder / "status")
    write_trust(server.folder, made)
    made.publish(0, many(1), many(2), entries=BIG)
    bring(store, server.url)
    server.forget()
    return made


def test_news_come_by_deltas_and_the_lists_themselves_are_not_sent(store: Store, server: Site, big: Publisher) -> None:
    # given
    begins = [big.lists[0].issued_at]
    for day_number in (1, 2):
        big.publish(day_number, many(1) | {day_number: Status.INVALID}, many(2), entries=BIG, delta=True)
        begins.append(big.lists[0].issued_at)

    # when
    found = bring(store, server.url)

    # then
    deltas = [f"new status/{begin.timestamp():.0f}-0.delta" for begin in begins[:2]]
    assert said(found, server) == ["same trust.spt", *deltas, "same status/0.cwt", "same status/1.cwt"]
    assert entries(store, f"{big.base}0") == many(1) | {2: Status.INVALID}
    asked = {path: headers for path, headers in server.asked if path.endswith(("/0.cwt", "/1.cwt"))}
    assert all("Range" in headers for headers in asked.values())
    server.forget()
    assert said(bring(store, server.url), server) == ["same trust.spt", "same status/0.cwt", "same status/1.cwt"]
    assert server.statuses == [304, 304, 304, 404, 404]


def test_what_was_published_after_the_last_delta_comes_as_a_list(store: Store, server: Site, big: Publisher) -> None:
    # given
    begin = f"{big.lists[0].issued_at.timestamp():.0f}"
    big.publish(1, many(1), many(2), entries=BIG, delta=True)
    second = big.lists[1]
    big.publish(2, many(3), many(2), entries=BIG)
    (big.folder / "1.cwt").write_bytes(sign_status_list(second, world.key("status RU-BA")))

    # then
    expected = ["same trust.spt", f"new status/{begin}-0.delta", "new status/0.cwt", "same status/1.cwt"]
    assert said(bring(store, server.url), server) == expected
    assert entries(store, f"{big.base}0") == many(3)


def test_without_deltas_the_lists_come(store: Store, server: Site, big: Publisher) -> None:
    big.publish(1, many(3), many(2), entries=BIG)
    assert said(bring(store, server.url), server) == ["same trust.spt", "new status/0.cwt", "new status/1.cwt"]


def test_a_delta_that_does_not_fit_or_is_forged_leaves_the_lists_to_come(store: Store, server: Site, big: Publisher) -> None:
    # given
    begin = f"{big.lists[0].issued_at.timestamp():.0f}"
    big.publish(1, many(1), many(2), entries=BIG, delta=True)
    good = (big.folder / f"{begin}-0.delta").read_bytes()

    # then
    server.faults[f"/status/{begin}-0.delta"] = [content_of(good[:-1] + bytes([good[-1] ^ 1]))]
    expected = ["same trust.spt", f"refused status/{begin}-0.delta forged", "new status/0.cwt", "new status/1.cwt"]
    assert said(bring(store, server.url), server) == expected


def test_a_delta_of_another_issuer_is_refused_and_the_lists_come(store: Store, server: Site, big: Publisher) -> None:
    # given
    begin = f"{big.lists[0].issued_at.timestamp():.0f}"
    other = Publisher("RU-MOS", f"{server.url}mos/", server.folder / "mos")
    other.publish(0, {})
    other.publish(1, FEW, delta=True)
    write_trust(server.folder, big, other, version=2)
    big.publish(1, many(1), many(3), entries=BIG)
    shutil.copy(other.folder / f"{begin}-0.delta", big.folder)

    # then
    lists = ["new status/0.cwt", "new status/1.cwt"]
    expected = ["new trust.spt", f"refused status/{begin}-0.delta bad_source", *lists]
    assert said(bring(store, server.url, "RU-BA"), server) == expected
    assert Store.open(store.folder).get(f"{other.base}0") is None


def test_a_delta_from_another_base_leaves_the_lists_to_come(store: Store, server: Site, big: Publisher) -> None:
    # given
    begin = f"{big.lists[0].issued_at.timestamp():.0f}"
    other = Publisher("RU-BA", big.base, server.folder / "other")
    other.publish(0, many(8), many(9), entries=BIG)
    other.publish(1, many(8), many(9) | {1: Status.INVALID}, entries=BIG, delta=True)
    big.publish(1, many(1), many(2), entries=BIG)
    shutil.copy(other.folder / f"{begin}-0.delta", big.folder)

    # then
    assert said(bring(store, server.url), server) == ["same trust.spt", "new status/0.cwt", "new status/1.cwt"]


def test_a_delta_that_brings_nothing_new_ends_the_chain(store: Store, server: Site, big: Publisher) -> None:
    # given
    begin = f"{big.lists[0].issued_at.timestamp():.0f}"
    other = Publisher("RU-BA", big.base, server.folder / "other")
    other.publish(-1, many(1), many(2), entries=BIG)
    other.publish(0, many(1), many(2), entries=BIG, delta=True)
    late = next(other.folder.glob("*.delta")).read_bytes()
    big.publish(1, many(3), many(2), entries=BIG)
    server.faults[f"/status/{begin}-0.delta"] = [content_of(late)]

    # then
    expected = ["same trust.spt", f"same status/{begin}-0.delta", "new status/0.cwt", "new status/1.cwt"]
    assert said(bring(store, server.url), server) == expected


def test_a_delta_that_is_longer_than_the_lists_is_not_read(store: Store, server: Site, big: Publisher) -> None:
    begin = f"{big.lists[0].issued_at.timestamp():.0f}"
    big.publish(1, many(3), many(2), entries=BIG)
    server.faults[f"/status/{begin}-0.delta"] = [webserver.endless]
    assert said(bring(store, server.url), server) == ["same trust.spt", "new status/0.cwt", "new status/1.cwt"]


def test_a_beginning_that_tells_nothing_is_taken_for_news(store: Store, server: Site, big: Publisher) -> None:
    big.publish(1, many(3), many(2), entries=BIG)
    server.faults["/status/0.cwt"] = [status(206, bytes(100), Content_Range="bytes 0-99/20000"), None]
    assert said(bring(store, server.url), server) == ["same trust.spt", "new status/0.cwt", "new status/1.cwt"]


def test_a_server_that_knows_no_ranges_sends_the_lists_once(store: Store, server: Site, big: Publisher) -> None:
    # given
    big.publish(1, many(3), many(2), entries=BIG, delta=True)

    def without_ranges(handler: webserver.Handler) -> None:
        del handler.headers["Range"]
        webserver.serve(handler)

    server.faults = {f"/status/{number}.cwt": [without_ranges] for number in range(2)}

    # then
    assert said(bring(store, server.url), server) == ["same trust.spt", "new status/0.cwt", "new status/1.cwt"]
    assert server.paths.count("/status/0.cwt") == 1


def test_a_server_that_knows_ranges_for_some_lists_only_sends_the_others_once(store: Store, server: Site, big: Publisher) -> None:
    # given
    begin = f"{big.lists[0].issued_at.timestamp():.0f}"
    big.publish(1, many(1), many(2), entries=BIG, delta=True)
    second = big.lists
    big.publish(2, many(3), many(4), entries=BIG)
    assert second is not big.lists

    def without_ranges(handler: webserver.Handler) -> None:
        del handler.headers["Range"]
        webserver.serve(handler)

    server.faults = {"/status/1.cwt": [without_ranges]}

    # then
    expected = ["same trust.spt", f"new status/{begin}-0.delta", "new status/0.cwt", "new status/1.cwt"]
    assert said(bring(store, server.url), server) == expected
    assert server.paths.count("/status/1.cwt") == 1


def test_lists_of_several_times_come_whole(store: Store, server: Site, big: Publisher) -> None:
    # given
    second = big.lists[1]
    big.publish(1, many(3), many(2), entries=BIG)
    (big.folder / "1.cwt").write_bytes(sign_status_list(second, world.key("status RU-BA")))
    bring(store, server.url)
    begin = f"{big.lists[0].issued_at.timestamp():.0f}"
    big.publish(2, many(4), many(2), entries=BIG, delta=True)

    # then
    assert said(bring(store, server.url), server) == ["same trust.spt", "new status/0.cwt", "new status/1.cwt"]
    assert f"/status/{begin}-0.delta" not in server.paths


def test_a_server_that_fails_at_the_look_for_news_is_asked_for_the_lists(store: Store, server: Site, big: Publisher) -> None:
    big.publish(1, many(3), many(2), entries=BIG)
    server.faults["/status/0.cwt"] = [status(400), None]
    assert said(bring(store, server.url), server) == ["same trust.spt", "new status/0.cwt", "new status/1.cwt"]


def test_a_store_that_cannot_be_written_stops_at_once(
    store: Store, server: Site, big: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    big.publish(1, many(1), many(2), entries=BIG, delta=True)

    def full(*_: object, **__: object) -> None:
        raise StoreError("system.disk_full")

    monkeypatch.setattr("socpass_vc.verifier.store.signed_files.write_file", full)

    # then
    with refused(StoreError, "system.disk_full"):
        bring(store, server.url)
    next(big.folder.glob("*.delta")).unlink()
    with refused(StoreError, "system.disk_full"):
        bring(store, server.url)
