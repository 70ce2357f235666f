"""Signing in through an OpenID provider: the address to send a person to, and who came back.

In: an issuer and our client there. Out: `Begun`, then a verified email. Authlib speaks the protocol: code
flow with PKCE, state and nonce; what a provider may not talk us into is refused here. Whether anybody of
that email may sit at the console is the ledger's to say. Nothing is contacted before the first sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError

from pipeline.errors import NoAnswer, NotNow

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 10.0
LEEWAY_S = 60
# A provider's own list may hold `none`, and keys of ours that it knows: neither proves that it signed.
SIGNED_BY_THEIRS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"}
)
ALGORITHMS = "id_token_signing_alg_values_supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in under way: where the browser goes, and what must come back with it."""

    url: str
    state: str
    nonce: str
    verifier: str


class OpenIdProvider:
    """One provider; for the event loop of one process."""

    def __init__(self, issuer: str, *, client_id: str, client_secret: str | None) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._app = OAuth().register(
            "provider",
            client_id=client_id,
            client_secret=client_secret,
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email",
                "code_challenge_method": "S256",
                "timeout": TIMEOUT_S,
                "token_endpoint_auth_method": "client_secret_basic" if client_secret else "none",
            },
        )

    async def begin(self, redirect_uri: str) -> Begun:
        """Return where to send the browser.

        Raises:
            NoAnswer: The provider does not answer, or is another than the one that was named.
        """
        try:
            await self._metadata()
            made = await self._app.create_authorization_url(redirect_uri)
        except (httpx.HTTPError, AuthlibBaseError, RuntimeError, ValueError) as error:
            raise NoAnswer(f"the OpenID provider {self._issuer} cannot be used: {error}") from error
        return Begun(
            url=made["url"], state=made["state"], nonce=made["nonce"], verifier=made["code_verifier"]
        )

    async def finish(self, begun: Begun, *, code: str, redirect_uri: str) -> str:
        """Return the verified email of who came back with this code, in lower case.

        Raises:
            NoAnswer: The provider does not answer, or answers what cannot be trusted.
            NotNow: It does not vouch for the email.
        """
        try:
            await self._metadata()
            token = await self._app.fetch_access_token(
                redirect_uri, code=code, code_verifier=begun.verifier, grant_type="authorization_code"
            )
            options = {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client_id},
            }
            claims = await self._app.parse_id_token(
                token, begun.nonce, claims_options=options, leeway=LEEWAY_S
            )
        except (httpx.HTTPError, AuthlibBaseError, JoseError, RuntimeError, ValueError) as error:
            told = f"{type(error).__name__}: {error}"
            raise NoAnswer(f"the OpenID provider {self._issuer} cannot be trusted here: {told}") from error
        return _email(claims)

    async def _metadata(self) -> None:
        """Load what the provider says of itself, and strike what must not count.

        Source: OpenID Connect Discovery 1.0, section 4.3: its issuer must be the one that was asked.
        """
        told: dict[str, Any] = await self._app.load_server_metadata()
        if told.get("issuer") != self._issuer:
            raise ValueError(f"it calls itself {told.get('issuer')!r}; set PRAMAN_OIDC_ISSUER to that")
        named = told.get(ALGORITHMS) or ["RS256"]
        told[ALGORITHMS] = [one for one in named if one in SIGNED_BY_THEIRS] or ["RS256"]


def _email(claims: Mapping[str, Any] | None) -> str:
    """Return the email that a provider vouches for.

    Source: OpenID Connect Core 1.0, section 5.1: without `email_verified` anybody may have typed it.
    """
    email = (claims or {}).get("email")
    if not isinstance(email, str) or (claims or {}).get("email_verified") is not True:
        raise NotNow("the OpenID provider vouches for no email of yours")
    return email.strip().lower()
