"""The faults to plant, a module per layer. Whatever is not noticed is not tested."""

from planted.fault import Fault
from planted.faults import (
    authority,
    format_bytes,
    format_catalogue,
    format_credential,
    format_status,
    format_transparency,
    format_trust,
    ground,
    issuer_imports,
    issuer_issuance,
    issuer_publication,
    issuer_rest,
    section_2,
    verifier,
    verifier_store,
    verifier_sync,
    verifier_verdict,
)

FAULTS: tuple[Fault, ...] = (
    *format_bytes.FAULTS,
    *verifier.FAULTS,
    *format_trust.FAULTS,
    *format_credential.FAULTS,
    *format_status.FAULTS,
    *format_transparency.FAULTS,
    *verifier_store.FAULTS,
    *ground.FAULTS,
    *issuer_publication.FAULTS,
    *issuer_issuance.FAULTS,
    *format_catalogue.FAULTS,
    *issuer_rest.FAULTS,
    *verifier_sync.FAULTS,
    *verifier_verdict.FAULTS,
    *issuer_imports.FAULTS,
    *authority.FAULTS,
    *section_2.FAULTS,
)
