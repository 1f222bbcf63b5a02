"""Places in status lists: each given once, whoever asks at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from socpass_vc.issuer.issuance.index_allocation import reserve
from socpass_vc.issuer.register.bulk_sql import insert_rows
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.register.schema import credentials, residents


def test_blocks_reserved_at_the_same_time_share_no_place_and_open_each_list_once(location: Location) -> None:
    create_register(location)

    def ask(_: int) -> list[tuple[int, int]]:
        with Register.open(location) as register, register.transaction() as connection:
            blocks = reserve(connection, 30, entries=64)
        return [(place.list_number, place.index) for block in blocks for place in block]

    with ThreadPoolExecutor(6) as pool:
        given = [place for places in pool.map(ask, range(12)) for place in places]
    assert len(given) == len(set(given)) == 360
    assert {number for number, _ in given} == set(range(6))


@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_places_are_reserved_while_another_workers_passes_are_stored_and_not_kept_yet(location: Location) -> None:
    create_register(location)
    names = ("resident_id", "list_number", "list_index", "issued_at", "expires_at", "content", "token")
    with Register.open(location) as register:
        with register.transaction() as connection:
            reserve(connection, 10, entries=64)
            insert_rows(connection, residents, ("id", "ref", "name"), [(1, "1", "Ия")])
        with register.transaction() as storing:
            insert_rows(storing, credentials, names, [(1, 0, 5, 0, 1, b"", b"")])
            with register.transaction() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
                (block,) = reserve(connection, 10, entries=64)
    assert (block.first, block.count) == (10, 10)


def test_a_block_is_split_without_loss(location: Location) -> None:
    create_register(location)
    with Register.open(location) as register, register.transaction() as connection:
        (block,) = reserve(connection, 10, entries=64)
    first, rest = block.split(4)
    assert [*first, *rest] == list(block)
    assert (first.count, rest.count, block.split(99)[1].count) == (4, 6, 0)


def test_columns_out_of_the_tables_order_are_refused(location: Location) -> None:
    create_register(location)
    with Register.open(location) as register, register.transaction() as connection:
        if register.shared:
            insert_rows(connection, residents, ("name", "ref"), [("Ия", "1")])
        else:
            with pytest.raises(ValueError, match="not in the order of their table"):
                insert_rows(connection, residents, ("name", "ref"), [("Ия", "1")])
