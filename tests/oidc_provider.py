"""An OpenID provider on loopback: discovery, keys, the authorize page, the token.

In: who signs in, and how the provider is to misbehave. Out: a running server. It checks what a real one
checks of us: the client's secret, PKCE, the redirect address, that a code is used once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT, SECRET = "praman-console", "a secret of theirs"


class Provider:
    """What the provider says; `lies` replace claims of the token, `key` signs it."""

    def __init__(self) -> None:
        self.issuer = ""
        self.email = "ann@example.com"
        self.lies: dict[str, Any] = {}
        self.told: dict[str, Any] = {}
        self.honest = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.key = self.honest
        self.header = {"alg": "RS256", "kid": "one"}
        self.codes: dict[str, dict[str, str]] = {}

    def metadata(self) -> dict[str, Any]:
        at = self.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.told

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser goes with its code."""
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Return the token for a code; None where the asker is not whom it was given to."""
        known = self.codes.pop(asked["code"], None)
        named = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            known is None
            or known["code_challenge"] != challenge
            or asked["redirect_uri"] != known["redirect_uri"]
        ):
            return None
        if named != f"{CLIENT}:{SECRET}":
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 60}
        claims |= {"nonce": known["nonce"], "email": self.email, "email_verified": True} | self.lies
        signed = jwt.encode(self.header, claims, self.key)
        return {"access_token": "opaque", "token_type": "Bearer", "expires_in": 60, "id_token": signed}


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """Answer on a free loopback port until the block ends."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            if path == "/.well-known/openid-configuration":
                self._json(provider.metadata())
            elif path == "/keys":
                self._json({"keys": [provider.honest.as_dict(private=False)]})
            else:
                where = provider.authorize({name: one[0] for name, one in query.items()})
                self.send_response(302)
                self.send_header("Location", where)
                self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: one[0] for name, one in parse_qs(body).items()}
            given = provider.token(asked, self.headers.get("Authorization", ""))
            self._json(given or {"error": "invalid_grant"}, 200 if given else 400)

        def log_message(self, *_: object) -> None:
            pass

        def _json(self, told: object, status: int = 200) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
