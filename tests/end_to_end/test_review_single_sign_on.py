"""Signing in to the console through an OpenID provider, one that is honest and one that is not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from playwright.sync_api import expect

from pipeline.errors import SettingsError
from pipeline.ledger import SqlReviews, make_engine
from pipeline.records import Role
from pipeline.settings import load_settings
from pipeline.wiring import open_provider
from tests.oidc_provider import CLIENT, SECRET, Provider, running
from tests.web import Door

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

BACK = "/login/oidc/back"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running(Provider()) as one:
        yield one


@pytest.fixture
def door(tmp_path: Path, provider: Provider) -> Iterator[Door]:
    """A console that knows the provider, and one moderator of its own."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    named = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    made = Door(tmp_path, url, **named)
    SqlReviews(make_engine(url)).add("ann@example.com", password="x", role=Role.MODERATOR, platform=None)
    with made.running():
        yield made


@pytest.fixture
def client(door: Door) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=door.url) as one:
        yield one


def come_back(client: httpx.Client) -> httpx.Response:
    """Go to the provider and back, as a browser does."""
    there = client.get("/login/oidc?next=/review/rings")
    assert there.status_code == 303
    onward = httpx.get(there.headers["location"])
    return client.get(onward.headers["location"])


def test_a_moderator_signs_in_with_their_organisation(door: Door, browser: Browser) -> None:
    """One click there and back, and the queue is shown; their password is not asked for."""
    page = browser.new_context(base_url=door.url).new_page()
    page.goto("/review/rings")
    page.get_by_role("link", name="Sign in with your organisation").click()
    page.wait_for_url("**/review/rings")
    expect(page.get_by_role("button", name="Sign out")).to_have_attribute("title", "ann@example.com")


def test_who_comes_back_sits_where_they_wanted_to(client: httpx.Client) -> None:
    """The session is the console's own, and the attempt's cookie is gone."""
    made = come_back(client)
    assert (made.status_code, made.headers["location"]) == (303, "/review/rings")
    assert client.get("/review").status_code == 200
    assert "praman-oidc" not in client.cookies


def test_nobody_is_let_in_whom_no_operator_added(client: httpx.Client, provider: Provider) -> None:
    """The provider says who somebody is; who may rule is said by `praman moderator add`."""
    provider.email = "eve@example.com"
    made = come_back(client)
    assert made.status_code == 403
    assert "Ask for a moderator" in made.text
    assert client.get("/review").status_code == 303


LIES: dict[str, Callable[[Provider], object]] = {
    "another nonce": lambda one: one.lies.update(nonce="of another sign-in"),
    "for another client": lambda one: one.lies.update(aud="another"),
    "by another issuer": lambda one: one.lies.update(iss="https://evil.example"),
    "long over": lambda one: one.lies.update(exp=int(time.time()) - 600),
    "an email that anybody may have typed": lambda one: one.lies.update(email_verified=False),
    "an email nobody vouches for": lambda one: one.lies.update(email_verified=None),
    "signed by another key": lambda one: setattr(one, "key", RSAKey.generate_key(2048)),
    "signed with what we share": lambda one: (
        setattr(one, "key", OctKey.import_key(SECRET)),
        setattr(one, "header", {"alg": "HS256"}),
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_does_not_hold_opens_nothing(client: httpx.Client, provider: Provider, lie: str) -> None:
    """Whatever is wrong with it, the sign-in page says that it did not work, and no more."""
    there = client.get("/login/oidc")
    LIES[lie](provider)
    onward = httpx.get(there.headers["location"])
    made = client.get(onward.headers["location"])
    assert made.status_code == 502
    assert "did not work" in made.text
    assert client.get("/review").status_code == 303


def test_a_provider_of_another_name_is_not_asked(client: httpx.Client, provider: Provider) -> None:
    """What calls itself otherwise than the setting says gets no browser sent to it."""
    provider.told["issuer"] = "https://evil.example"
    assert client.get("/login/oidc").status_code == 502


def test_another_browser_cannot_end_what_this_one_began(client: httpx.Client, door: Door) -> None:
    """Neither with the code alone, nor with a state of its own; and a code works once."""
    there = client.get("/login/oidc")
    onward = httpx.get(there.headers["location"]).headers["location"]
    with httpx.Client(base_url=door.url) as other:
        assert other.get(onward).status_code == 502
        other.get("/login/oidc")
        assert other.get(onward).status_code == 502
    assert client.get(f"{BACK}?code=x&state=y").status_code == 502
    assert client.get(onward).status_code == 502  # its cookie went with the failed attempt
    assert client.get("/review").status_code == 303


def test_without_the_setting_there_is_no_such_door(tmp_path: Path) -> None:
    """No link, no page; a half-set provider is refused with what is missing; http:// elsewhere too."""
    made = Door(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    with made.running(), httpx.Client(base_url=made.url) as client:
        assert "organisation" not in client.get("/login").text
        assert [client.get(one).status_code for one in ("/login/oidc", BACK)] == [404, 404]
    with pytest.raises(SettingsError, match="PRAMAN_OIDC_CLIENT_ID"):
        open_provider(load_settings(oidc_issuer="https://id.example"))
    with pytest.raises(SettingsError, match="https://"):
        load_settings(oidc_issuer="http://id.example")
