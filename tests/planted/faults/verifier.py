"""Faults of verifier: one wrong line each, and what it breaks."""

from planted.fault import Fault

_DECIDE = "verifier/decide.py"
_DELTA_TESTS = "unit/verifier/store/test_store_deltas.py::"
_FRESHNESS_TESTS = "unit/verifier/test_freshness.py::"

FAULTS = (
    Fault(
        breaks="what a machine has beside the zones of IANA is a zone",
        file="verifier/decide.py",
        old="    if not is_zone_name(issuer.time_zone):",
        new="    if not issuer.time_zone:",
    ),
    Fault(
        breaks="the trust list counts a second too long",
        file=_DECIDE,
        old="    if now >= expires_at:\n",
        new="    if now > expires_at:\n",
    ),
    Fault(
        breaks="an expired trust list refuses although the till asked to be warned only",
        file=_DECIDE,
        old="        if policy.on_stale is OnStale.REFUSE:\n            raise TrustExpired",
        new="        if policy.on_stale:\n            raise TrustExpired",
    ),
    Fault(
        breaks="a stolen key signs on",
        file="verifier/authenticate.py",
        old="if key.state is _COMPROMISED:",
        new="if key.state is None:",
    ),
    Fault(
        breaks="a retired key refuses all that it ever signed",
        file="verifier/authenticate.py",
        old="if key.state is _COMPROMISED:",
        new="if key.state is not KeyState.ACTIVE:",
    ),
    Fault(
        breaks="the signature is not looked at",
        file="verifier/authenticate.py",
        old="    except (Forged, Unsupported):\n        return False\n",
        new="    except (Forged, Unsupported):\n        return True\n",
    ),
    Fault(
        breaks="a clock that is behind what is known to be past decides",
        file=_DECIDE,
        old="if floor - now > LEEWAY:",
        new="if now - floor > LEEWAY * 10**6:",
    ),
    Fault(
        breaks="a clock that is exactly the leeway behind refuses",
        file=_DECIDE,
        old="if floor - now > LEEWAY:",
        new="if floor - now >= LEEWAY:",
    ),
    Fault(
        breaks="the iat of the trust list is no floor",
        file=_DECIDE,
        old="trust.list.issued_at if clock_floor is None else max(trust.list.issued_at, clock_floor)",
        new="clock_floor or trust.list.issued_at - LEEWAY * 10**6",
    ),
    Fault(
        breaks="the clock of the till may be wrong by an hour",
        file=_DECIDE,
        old="LEEWAY = timedelta(seconds=300)",
        new="LEEWAY = timedelta(seconds=3600)",
    ),
    Fault(
        breaks="a pass counts before it was issued",
        file=_DECIDE,
        old="if claims.issued_at - now > LEEWAY:",
        new="if claims.issued_at - now > LEEWAY * 10**6:",
    ),
    Fault(
        breaks="a pass counts in the second of its exp",
        file=_DECIDE,
        old="if now >= claims.expires_at:",
        new="if now > claims.expires_at:",
    ),
    Fault(
        breaks="an expired pass is said to be revoked: the status is asked before the validity",
        file=_DECIDE,
        old="        _check_validity(claims, now)\n        status_list = _check_status(claims, issuer, status, now, policy)\n",
        new="        status_list = _check_status(claims, issuer, status, now, policy)\n        _check_validity(claims, now)\n",
    ),
    Fault(
        breaks="a wrong clock is said to be an expired pass: the validity is asked before the clock",
        file=_DECIDE,
        old="        _check_scope(claims, issuer, key)\n",
        new="        _check_scope(claims, issuer, key)\n        _check_validity(claims, now)\n",
    ),
    Fault(
        breaks="a revocation in an old list does not count",
        file=_DECIDE,
        old="if value == Status.INVALID:",
        new="if value == Status.INVALID and now < content.expires_at:",
    ),
    Fault(
        breaks="a revoked pass is said to be suspended only: wrong value",
        file=_DECIDE,
        old="if value == Status.INVALID:",
        new="if value == Status.SUSPENDED + 2:",
    ),
    Fault(
        breaks="a suspension in an old list is final where the till only wants to be warned",
        file=_DECIDE,
        old="(policy.on_stale is OnStale.REFUSE or value == Status.SUSPENDED)",
        new="policy.on_stale is OnStale.REFUSE",
    ),
    Fault(
        breaks="a stale list is good enough for everybody",
        file=_DECIDE,
        old="if now >= content.expires_at and (",
        new="if now >= content.expires_at and value and (",
    ),
    Fault(
        breaks="a status list counts a second too long",
        file=_DECIDE,
        old="if now >= content.expires_at and (",
        new="if now > content.expires_at and (",
    ),
    Fault(
        breaks="a suspended pass is accepted",
        file=_DECIDE,
        old="        raise Suspended(",
        new="        return content\n        raise Suspended(",
    ),
    Fault(
        breaks="a value that has no meaning yet is valid",
        file=_DECIDE,
        old="if value != Status.VALID:",
        new="if value < Status.VALID:",
    ),
    Fault(
        breaks="one issuer revokes the passes of another",
        file="verifier/admit.py",
        old="for owner, key in trust.keys_with(signed.key_id) if owner is issuer",
        new="for owner, key in trust.keys_with(signed.key_id) if owner.id",
        noticed_by="status",
    ),
    Fault(
        breaks="a key for passes signs status lists",
        file="verifier/admit.py",
        old="key.covers(Use.STATUS, issued_at)",
        new="key.covers(Use.PASS, content.issued_at) and not key.covers(Use.STATUS, content.issued_at)",
        noticed_by="status",
    ),
    Fault(
        breaks="midnight is that of Greenwich",
        file=_DECIDE,
        old="return now.astimezone(zone).date()",
        new="return now.date()",
    ),
    Fault(
        breaks="a pass of which nothing counts today is accepted",
        file=_DECIDE,
        old="    if not counting:\n",
        new="    if not claims.entitlements:\n",
    ),
    Fault(
        breaks="the category that is asked for may be one that no longer counts",
        file=_DECIDE,
        old="policy.category not in [entitlement.category for entitlement in counting]",
        new="policy.category not in [entitlement.category for entitlement in claims.entitlements]",
    ),
    Fault(
        breaks="a copied picture is as good as its holder",
        file=_DECIDE,
        old="        raise HolderProofMissing(",
        new="        return\n        raise HolderProofMissing(",
    ),
    Fault(
        breaks="a proof beside a pass that is bound to nobody is ignored",
        file=_DECIDE,
        old="        if unverified.proof is not None:\n",
        new="        if unverified.proof == b'':\n",
    ),
    Fault(
        breaks="anybody makes the holder's proof",
        file=_DECIDE,
        old="        proof.signed.check(holder_key)\n",
        new="",
    ),
    Fault(
        breaks="a proof for one pass serves another",
        file=_DECIDE,
        old=" or proof.digest != sha256(unverified.token)",
        new="",
    ),
    Fault(
        breaks="a proof may name any key",
        file=_DECIDE,
        old="proof.signed.key_id != holder_key.key_id or ",
        new="",
    ),
    Fault(
        breaks="a proof from the future is fresh for years",
        file=_DECIDE,
        old="if abs(now - proof.issued_at) > LEEWAY:",
        new="if now - proof.issued_at > LEEWAY:",
    ),
    Fault(
        breaks="a proof is fresh for ever",
        file=_DECIDE,
        old="if abs(now - proof.issued_at) > LEEWAY:",
        new="if proof.issued_at - now > LEEWAY:",
    ),
    Fault(
        breaks="a till is not warned of an ageing trust list in its announced second",
        file=_DECIDE,
        old="if now >= trust.list.next_update_at",
        new="if now > trust.list.next_update_at",
    ),
    Fault(
        breaks="a till is not warned of an expired status list",
        file=_DECIDE,
        old="    if now >= status_list.expires_at:\n",
        new="    if now < status_list.issued_at:\n",
    ),
    Fault(
        breaks="a list that has expired is called ageing",
        file="verifier/freshness.py",
        old="    if now >= hard:",
        new="    if now > hard:",
        noticed_by=_FRESHNESS_TESTS + "test_a_status_list_ages_at_its_ttl_and_expires_at_its_exp",
    ),
    Fault(
        breaks="an issuer about to be without keys is told of by nobody",
        file="verifier/freshness.py",
        old=" if key.state is KeyState.ACTIVE]",
        new="]",
        noticed_by=_FRESHNESS_TESTS + "test_an_issuer_that_will_have_no_active_key_left_is_told_of",
    ),
    Fault(
        breaks="the digests beside a list that a full form made are not looked at",
        file="verifier/admit_delta.py",
        old="delta.content.with_digests(digests)",
        new="delta.content.opened(delta.content.changes())",
        noticed_by=f"{_DELTA_TESTS}test_what_lies_beside_a_full_form_is_damaged_if_it_is_not_what_was_signed",
    ),
    Fault(
        breaks="the lists of one number pass for those of another",
        file="verifier/admit_delta.py",
        old="if content.status_base != issuer.status_base:",
        new="if False:",
        noticed_by="delta",
    ),
    Fault(
        breaks="a key of one issuer signs the catalogue of another",
        file="verifier/admit.py",
        old="""    candidates = [(owner, key) for owner, key in trust.keys_with(unverified.signed.key_id) if owner is issuer]
    _, key = authenticate(unverified.signed, candidates)
    if not key.covers(Use.CATALOGUE""",
        new="""    candidates = trust.keys_with(unverified.signed.key_id)
    _, key = authenticate(unverified.signed, candidates)
    if not key.covers(Use.CATALOGUE""",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a key for status lists signs catalogues",
        file="verifier/admit.py",
        old="key.covers(Use.CATALOGUE, content.issued_at)",
        new="key.covers(Use.STATUS, content.issued_at)",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a measure opens to anybody",
        file="verifier/grants.py",
        old="            and not categories.isdisjoint(measure.categories)\n",
        new="",
    ),
    Fault(
        breaks="what is granted at one place is granted at all",
        file="verifier/grants.py",
        old="(place is None or place in measure.places)",
        new="True",
    ),
    Fault(
        breaks="a place where nothing is granted is accepted",
        file="verifier/grants.py",
        old="    if not found:\n        raise NoEntitlement(",
        new="    if False:\n        raise NoEntitlement(",
    ),
    Fault(
        breaks="a catalogue counts at the second of its expiry",
        file="verifier/grants.py",
        old="if now >= expires_at and not even_stale:",
        new="if now > expires_at and not even_stale:",
    ),
    Fault(
        breaks="an expired catalogue stops a till that may go on",
        file="verifier/grants.py",
        old=" and not even_stale:",
        new=":",
    ),
    Fault(
        breaks="an expired catalogue counts without a warning",
        file=_DECIDE,
        old="if now >= catalogue.content.expires_at else ()",
        new="if False else ()",
    ),
    Fault(
        breaks="a catalogue that cannot be read makes the pass unreadable",
        file="verifier/grants.py",
        old="    except (Malformed, Unsupported) as error:",
        new="    except ZeroDivisionError as error:",
        noticed_by="unit/verifier/test_grants.py::test_a_catalogue_whose_page_cannot_be_read_is_as_good_as_not_at_hand",
    ),
    Fault(
        breaks="a pass by a key of a type that the till does not know is called forged",
        file="verifier/authenticate.py",
        old="        if isinstance(key.public_key, UnknownKey):",
        new="        if isinstance(key.public_key, type(None)):",
    ),
    Fault(
        breaks="a key that the till cannot check hides that an issuer will have none",
        file="verifier/freshness.py",
        old=" and isinstance(key.public_key, PublicKey)]",
        new="]",
        noticed_by="unit/verifier/test_freshness.py::test_an_issuer_that_will_have_no_active_key_left_is_told_of",
    ),
)
