"""Signatures of webhooks hold for what was signed alone, and addresses inside are known however they are spelt."""

from __future__ import annotations

import base64
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.hooks import addresses, signing
from models.base import Refusal

MOMENT = 1_900_000_000
KEY, OTHER = b"k" * 32, b"o" * 32
BODY = b'{"type":"task.made"}'
FEW = settings(max_examples=80, deadline=None, derandomize=True)
INSIDE = ("10.0.0.0", "172.16.0.0", "192.168.0.0", "127.0.0.0", "169.254.0.0", "100.64.0.0", "224.0.0.0", "240.0.0.0",
          "0.0.0.0", "198.18.0.0")  # fmt: skip


def test_it_is_the_signature_that_the_standard_describes() -> None:
    """The example of the libraries' own tests."""
    key = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    secret = base64.b64decode(key)
    body = b'{"test": 2432232314}'
    headers = signing.signed([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers[signing.SIGNATURE] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signing.shown(secret) == f"whsec_{key}"


def test_what_was_signed_with_one_of_the_keys_is_taken() -> None:
    headers = signing.signed([OTHER, KEY], "msg_1", MOMENT, BODY)
    assert signing.verify([KEY], headers, BODY, MOMENT + signing.TOLERANCE) == "msg_1"
    more = {**headers, signing.SIGNATURE: "v1a,xyz v2,abc " + headers[signing.SIGNATURE]}
    assert signing.verify([KEY, OTHER], more, BODY, MOMENT - signing.TOLERANCE) == "msg_1"


@pytest.mark.parametrize("change", [
    {signing.ID: "msg_2"}, {signing.STAMP: str(MOMENT + 1)}, {signing.SIGNATURE: ""}, {signing.SIGNATURE: "v1,"},
    {signing.STAMP: "-1"}, {signing.STAMP: "١٩٠٠٠٠٠٠٠٠"}, {signing.STAMP: f"{MOMENT}.0"}, {signing.ID: "a.b"},
    {signing.ID: ""},
])  # fmt: skip
def test_anything_else_is_not(change: dict[str, str]) -> None:
    headers = {**signing.signed([KEY], "msg_1", MOMENT, BODY), **change}
    with pytest.raises(signing.NotSigned):
        signing.verify([KEY], headers, BODY, MOMENT)


def test_neither_another_body_nor_key_nor_time_is() -> None:
    headers = signing.signed([KEY], "msg_1", MOMENT, BODY)
    for keys, body, moment in (
        ([KEY], BODY + b" ", MOMENT), ([OTHER], BODY, MOMENT), ([], BODY, MOMENT),
        ([KEY], BODY, MOMENT + signing.TOLERANCE + 1), ([KEY], BODY, MOMENT - signing.TOLERANCE - 1),
    ):  # fmt: skip
        with pytest.raises(signing.NotSigned):
            signing.verify(keys, headers, body, moment)


@FEW
@given(st.dictionaries(st.sampled_from([signing.ID, signing.STAMP, signing.SIGNATURE]), st.text(max_size=40)))
def test_whatever_headers_say_is_read(headers: dict[str, str]) -> None:
    with pytest.raises(signing.NotSigned):
        signing.verify([KEY], headers, BODY, MOMENT)


def _spelt(address: IPv4Address) -> list[str]:
    number = int(address)
    within = ("::ffff:{}", "64:ff9b::{}", "::{}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1")
    plain = [str(address), str(number), hex(number), f"0{oct(number)[2:]}", f"{address}."]
    return [*plain, *(f"[{each.format(address)}]" for each in within)]


@FEW
@given(st.sampled_from(INSIDE), st.integers(1, 254))
def test_no_address_inside_is_called_however_it_is_spelt(network: str, host: int) -> None:
    address = IPv4Address(int(IPv4Address(network)) + host)
    for spelt in _spelt(address):
        with pytest.raises(Refusal):
            addresses.checked(f"https://{spelt}/x")
    assert not addresses.is_public(address) and not addresses.is_public(IPv6Address(f"::ffff:{address}"))


@FEW
@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/", f"https://example.com{text}"):
        try:
            assert addresses.checked(url).startswith("https://")
        except Refusal as refusal:
            assert refusal.field == "url"


def test_what_is_public_is_called() -> None:
    assert addresses.checked("https://Example.COM:8443/a?b=c%20d") == "https://example.com:8443/a?b=c%20d"
    assert addresses.checked("https://bücher.example/ä") == "https://xn--bcher-kva.example/%C3%A4"
    for public in ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"):
        assert addresses.is_public(ip_address(public))
