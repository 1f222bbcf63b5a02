"""Faults of verifier store: one wrong line each, and what it breaks."""

from planted.fault import Fault

_STORE_TESTS = "unit/verifier/store/test_till_store.py::"
_DELTA_TESTS = "unit/verifier/store/test_store_deltas.py::"
_FLOORS_TESTS = "unit/verifier/store/test_rollback_state.py::"
_TUF_TESTS = "unit/verifier/test_tuf_attacks.py::"
_SETTINGS_TESTS = "unit/verifier/store/test_store_settings.py::"
_SHELF_TESTS = "unit/verifier/store/test_catalogue_files.py::"

FAULTS = (
    Fault(
        breaks="an older trust list takes the place of a newer one, and stolen keys come back",
        file="verifier/store/rollback_state.py",
        old="if offered.list_version < have.list_version:",
        new="if offered.list_version < 0:",
        noticed_by=_STORE_TESTS + "test_an_older_bundle_is_rolled_back_and_changes_nothing",
    ),
    Fault(
        breaks="an older status list takes the place of a newer one, and revoked passes come back",
        file="verifier/store/rollback_state.py",
        old="if offered.issued_at < have.issued_at:",
        new="if offered.issued_at is None:",
        noticed_by=_STORE_TESTS + "test_a_revoked_pass_does_not_come_back_with_an_older_list",
    ),
    Fault(
        breaks="two trust lists of one version are both believed",
        file="verifier/store/rollback_state.py",
        old=" and offered.seen.digest != have.seen.digest:",
        new=" and not offered.seen.digest:",
        noticed_by=_STORE_TESTS + "test_two_lists_of_one_version_are_rolled_back",
    ),
    Fault(
        breaks="thieves of the keys of a root that was replaced make roots and lists of their own",
        file="verifier/store/rollback_state.py",
        old="if sha256(same.signed.payload) != have.root_digest:",
        new="if not have.root_digest:",
        noticed_by=_TUF_TESTS + "test_key_compromise_of_a_root_that_was_replaced_gives_nothing",
    ),
    Fault(
        breaks="a root that was replaced comes back",
        file="verifier/store/rollback_state.py",
        old="if offered.root_version < have.root_version:",
        new="if offered.root_version < 0:",
        noticed_by=_TUF_TESTS + "test_rollback_of_the_root_is_refused",
    ),
    Fault(
        breaks="a chain that begins behind the newest root seen is taken where the till's root was confirmed anew",
        file="verifier/store/rollback_state.py",
        old="        if same is None:  # a chain",
        new="        if same is None:\n            return\n        if same is None:  # a chain",
        noticed_by=_FLOORS_TESTS
        + "test_a_till_whose_root_was_confirmed_anew_takes_no_bundle_that_begins_behind_the_root_it_has_seen",
    ),
    Fault(
        breaks="a file that was removed lets an older one in",
        file="verifier/store/rollback_store.py",
        old="        if not self._path.exists():\n            return at_hand()",
        new="        if self._path.parent.exists():\n            return at_hand()",
        noticed_by=_TUF_TESTS + "test_rollback_behind_a_file_that_is_gone_is_refused",
    ),
    Fault(
        breaks="what a thief signed ahead locks the issuer's own lists out for ever",
        file="verifier/store/rollback_state.py",
        old="if of == uri and key not in stolen]",
        new="if of == uri]",
        noticed_by=_TUF_TESTS + "test_fast_forward_of_a_status_list_ends_with_the_list_that_says_its_key_is_stolen",
    ),
    Fault(
        breaks="what a thief signed ahead stops the till's clock for ever",
        file="verifier/store/rollback_state.py",
        old="self.files.items() if key not in stolen)",
        new="self.files.items())",
        noticed_by=_TUF_TESTS + "test_fast_forward_of_a_status_list_ends_with_the_list_that_says_its_key_is_stolen",
    ),
    Fault(
        breaks="a clock floor that thieves of root keys raised stays for ever",
        file="verifier/store/store_update.py",
        old="offered.trust, may_fall=is_news)",
        new="offered.trust)",
        noticed_by=_TUF_TESTS + "test_fast_forward_of_the_clock_by_thieves_of_root_keys_ends_with_a_new_root",
    ),
    Fault(
        breaks="marking one key as stolen lets lists in that are older than those of the others",
        file="verifier/store/rollback_state.py",
        old="return max(seen, key=lambda each: each.issued_at, default=None)",
        new="return max(seen, key=lambda each: each.issued_at, default=None) if not stolen else None",
        noticed_by=_TUF_TESTS + "test_fast_forward_by_a_stolen_key_does_not_open_the_way_back_for_lists_of_other_keys",
    ),
    Fault(
        breaks="two status lists of one second are both believed",
        file="verifier/store/rollback_state.py",
        old="        if offered.digest != have.digest:",
        new="        if not offered.digest:",
        noticed_by=_STORE_TESTS + "test_two_status_lists_of_one_second_are_rolled_back",
    ),
    Fault(
        breaks="a delta may contradict a list that was signed at the same time",
        file="verifier/store/rollback_state.py",
        old="if self.newest(uri, trust) == delta.issued_at:",
        new="if self.newest(uri, trust) is None:",
        noticed_by=_FLOORS_TESTS + "test_a_delta_that_contradicts_a_list_is_an_alarm",
    ),
    Fault(
        breaks="a delta makes an older list where the newer one was removed",
        file="verifier/store/store_update.py",
        old="if newest is not None and newest > issued_at:",
        new="if newest is not None and newest < issued_at:",
        noticed_by=_FLOORS_TESTS + "test_a_list_that_was_removed_is_not_made_older_by_a_delta_but_as_it_was",
    ),
    Fault(
        breaks="a till compares with the trust list that it opened, not with the one that another process brought",
        file="verifier/store/trust_file.py",
        old="if self._read is None or content != self._read.content:",
        new="if self._read is None:",
        noticed_by=_FLOORS_TESTS + "test_a_till_that_was_opened_before_another_process_synced_does_not_go_back",
    ),
    Fault(
        breaks="a list of the same second in another form is an alarm",
        file="verifier/store/rollback_state.py",
        old="    wide = widened(content)\n    bits, raw = (content.bits, content.raw) if wide is None else (BITS, wide)",
        new="    bits, raw = content.bits, content.raw",
        noticed_by=_DELTA_TESTS + "test_lists_of_one_bit_and_of_two_say_the_same",
    ),
    Fault(
        breaks="an alarm leaves nothing for whoever looks into it",
        file="verifier/store/store_update.py",
        old="with suppress(StoreError):",
        new="if not at_hand:",
        noticed_by=_FLOORS_TESTS + "test_an_alarm_names_both_sides_and_keeps_both_files",
    ),
    Fault(
        breaks="a bundle is taken although one of its keys is no point",
        file="verifier/store/store_update.py",
        old="offered = self._trust_file.check(content)",
        new="offered = self._trust_file.check(content, read_before=True)",
        noticed_by=_TUF_TESTS + "test_one_bad_entry_refuses_the_whole_list_and_says_which",
    ),
    Fault(
        breaks="a misspelt setting is silently none",
        file="verifier/store/store_settings.py",
        old="    if unknown:",
        new="    if unknown == [None]:",
        noticed_by=_SETTINGS_TESTS + "test_what_is_no_setting_of_ours_is_refused_by_name",
    ),
    Fault(
        breaks="a status list that was renamed over another speaks for it",
        file="verifier/store/signed_files.py",
        old="if path != self.path(found.content.uri):",
        new="if found is not None and not found.content.uri:",
        noticed_by=_STORE_TESTS + "test_a_status_list_that_was_renamed_over_another_is_damage",
    ),
    Fault(
        breaks="a list from the future raises the clock floor above a right clock",
        file="verifier/store/store_update.py",
        old="if now is not None and issued_at - now > LEEWAY:",
        new="if now is not None and now - issued_at > LEEWAY * 10**6:",
        noticed_by=_STORE_TESTS + "test_what_was_signed_more_than_five_minutes_ahead_of_the_till_is_not_kept",
    ),
    Fault(
        breaks="the clock floor falls with the trust list that is at hand, once the notes were lost",
        file="verifier/store/store_update.py",
        old="noted.order < seen.order  #",
        new="noted.order <= seen.order  #",
        noticed_by=_FLOORS_TESTS
        + "test_a_clock_floor_whose_notes_are_lost_does_not_fall_with_the_trust_list_that_is_at_hand_either",
    ),
    Fault(
        breaks="the clock floor falls",
        file="verifier/store/rollback_store.py",
        old="newest < before and may_fall:",
        new="newest < before:",
        noticed_by=_FLOORS_TESTS + "test_a_clock_floor_whose_notes_are_lost_does_not_fall",
    ),
    Fault(
        breaks="an older delta is laid over a newer list",
        file="verifier/store/store_update.py",
        old="have is None or have.content.issued_at < delta.issued_at]",
        new="True]",
        noticed_by=f"{_DELTA_TESTS}test_a_delta_that_comes_twice_or_late_changes_nothing_and_is_no_error",
    ),
    Fault(
        breaks="a missing base goes unsaid",
        file="verifier/store/store_update.py",
        old="        if missing is not None:\n            raise missing\n",
        new="",
        noticed_by=f"{_DELTA_TESTS}test_a_missing_link_asks_for_the_full_list_which_goes_on_from_there",
    ),
    Fault(
        breaks="a delta does not raise the clock floor",
        file="verifier/store/store_update.py",
        old="                floors = floors.with_file(delta.uri(entry.number), found.key.public_key.raw, seen)\n",
        new="",
        noticed_by=f"{_DELTA_TESTS}test_a_chain_of_deltas_makes_the_lists_that_were_signed",
    ),
    Fault(
        breaks="an older catalogue takes the place of a newer one",
        file="verifier/store/store_update.py",
        old="floors.check_file(kept.kind, uri, seen, trust)",
        new="pass",
        noticed_by=_SHELF_TESTS + "test_only_a_newer_catalogue_takes_the_place_of_another",
    ),
    Fault(
        breaks="of two catalogues of one second the later one wins",
        file="verifier/store/rollback_state.py",
        old="[content.uri, fields.to_seconds(content.expires_at), ",
        new="[content.uri, ",
        noticed_by=_SHELF_TESTS + "test_only_a_newer_catalogue_takes_the_place_of_another",
    ),
    Fault(
        breaks="a catalogue whose pages cannot be read takes the place of a good one",
        file="verifier/store/store_update.py",
        old="            files.read_rest(found)\n",
        new="",
        noticed_by=_SHELF_TESTS + "test_a_bad_catalogue_never_takes_the_place_of_a_good_one",
    ),
    Fault(
        breaks="a stolen key's catalogue stays in use",
        file="verifier/store/signed_files.py",
        old="        except (UnknownIssuer, KeyCompromised, OutOfScope):\n            return None",
        new="        except (UnknownIssuer, KeyCompromised, OutOfScope):\n            raise",
        noticed_by=_SHELF_TESTS + "test_a_catalogue_that_the_trust_list_no_longer_stands_behind_is_not_at_hand",
    ),
    Fault(
        breaks="a catalogue from the future raises the clock floor",
        file="verifier/store/store_update.py",
        old="            _check_not_ahead(issued_at, now, uri)\n",
        new="",
        noticed_by=_SHELF_TESTS + "test_a_catalogue_from_the_future_is_refused_as_it_would_raise_the_clock_floor",
    ),
    Fault(
        breaks="a catalogue does not raise the clock floor",
        file="verifier/store/store_update.py",
        old="                files.write(uri, token)\n            self._ratchet.note(",
        new="                files.write(uri, token)\n            _ = (",
        noticed_by=_SHELF_TESTS + "test_a_catalogue_raises_the_clock_floor_even_if_it_was_there",
    ),
)
