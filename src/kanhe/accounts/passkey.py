"""Passkeys: what a browser is asked, and whether what it answers is right (WebAuthn, level 2).

A passkey counts as both factors, so the device has to have checked its user, each time. Refused:
an answer for another address, to another question, without that check, or from a copied device.
Which maker built the device is neither asked nor kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kanhe.accounts.account import Account

CHALLENGE_BYTES = 32

_CHECKED = UserVerificationRequirement.REQUIRED
_UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey of one account. `uses`: how often its device says it was used; often always 0."""

    id: bytes
    account: str
    public_key: bytes
    uses: int
    label: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where a passkey is good: the name it is bound to, and the origin of the pages."""

    name: str
    origin: str


def asked_to_register(
    site: Site, person: Account, challenge: bytes, known: Sequence[Passkey]
) -> dict[str, Any]:
    """Give what a browser is asked in order to make a passkey."""
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name="Kanhe",
        user_name=person.name,
        user_id=person.id.encode(),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_CHECKED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(one.id) for one in known],
    )
    return options_to_json_dict(options)


def registered(
    site: Site, person: Account, challenge: bytes, answer: Mapping[str, Any], label: str
) -> Passkey | None:
    """Give the passkey that a browser made when it was asked `challenge`; None: not as asked."""
    try:
        made = webauthn.verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _UNREADABLE:
        return None
    return Passkey(
        made.credential_id, person.id, made.credential_public_key, made.sign_count, label
    )


def asked_to_sign_in(site: Site, challenge: bytes) -> dict[str, Any]:
    """Give what a browser is asked in order to sign in; it offers the passkeys it has."""
    options = webauthn.generate_authentication_options(
        rp_id=site.name, challenge=challenge, user_verification=_CHECKED
    )
    return options_to_json_dict(options)


def challenge_of(answer: Mapping[str, Any]) -> bytes | None:
    """Read the question that an answer says it answers; None where it cannot be read."""
    try:
        raw = base64url_to_bytes(answer["response"]["clientDataJSON"])
        return parse_client_data_json(raw).challenge
    except _UNREADABLE:
        return None


def id_of(answer: Mapping[str, Any]) -> bytes | None:
    """Read which passkey an answer says it comes from."""
    try:
        return base64url_to_bytes(answer["rawId"])
    except _UNREADABLE:
        return None


def signed_in(
    site: Site, known: Passkey, challenge: bytes, answer: Mapping[str, Any]
) -> int | None:
    """Give how often the passkey was used by now; None where the answer is not right."""
    try:
        made = webauthn.verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.uses,
            require_user_verification=True,
        )
    except _UNREADABLE:
        return None
    return made.new_sign_count
