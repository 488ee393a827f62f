"""The law of addresses: nothing but the public internet, in whatever way an address is written."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.refusals import Invalid
from domain.webhooks.addresses import check_url, may_connect, read_networks, take_apart

PRIVATE = read_networks("10.1.0.0/16, fd12::/16")
NOT_PUBLIC_4 = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
    "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
).split()
NOT_PUBLIC_6 = (
    "::/128 ::1/128 ::ffff:0:0:0/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/32 2001:2::/48 2001:10::/28 "
    "2001:20::/28 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8"
).split()
"""Every special-purpose range of IANA's registries that is not of the public internet."""


def within(texts: list[str]) -> st.SearchStrategy[int]:
    networks = [ip_network(text) for text in texts]
    return st.one_of(*(st.integers(int(net[0]), int(net[-1])) for net in networks))


@given(within(NOT_PUBLIC_4))
def test_no_special_address_is_connected_to(number: int) -> None:
    address = IPv4Address(number)
    assert not may_connect(str(address))
    assert not may_connect(f"::ffff:{address}"), "mapped"
    assert not may_connect(str(IPv6Address(int(IPv6Address("64:ff9b::")) + number))), "translated"
    assert not may_connect(str(IPv6Address((0x2002 << 112) + (number << 80)))), "6to4"
    assert not may_connect(str(IPv6Address(number))), "compatible"


@given(within(NOT_PUBLIC_6))
def test_no_special_address_of_ipv6_is_connected_to(number: int) -> None:
    assert not may_connect(str(IPv6Address(number)))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_are(address: str) -> None:
    assert may_connect(address)


@pytest.mark.parametrize("address", ["fe80::1%eth0", "8.8.8.8.8", "", "localhost", "0x7f.1", "168.63.129.16"])
def test_what_is_none_is_not(address: str) -> None:
    assert not may_connect(address)


@pytest.mark.parametrize("address", ["10.1.2.3", "fd12::1", "::ffff:10.1.2.3"])
def test_private_networks_are_open_where_they_are_named(address: str) -> None:
    assert may_connect(address, PRIVATE)
    assert not may_connect(address)
    assert not may_connect("10.2.0.1", PRIVATE)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "fe80::a9fe:a9fe", "0.0.0.0"]
)
def test_where_clouds_keep_secrets_is_never_open(address: str) -> None:
    assert not may_connect(address, read_networks("0.0.0.0/0, ::/0"))


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://Hooks.Example.org", "https://hooks.example.org/"),
        ("https://a.example:443/x?y=%20z", "https://a.example/x?y=%20z"),
        ("https://a.example:8443/", "https://a.example:8443/"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
    ],
)
def test_urls_are_stored_in_one_form(url: str, stored: str) -> None:
    assert check_url(url, (), "url") == stored


@pytest.mark.parametrize(
    "url",
    """http://a.example https://127.0.0.1/ https://2130706433/ https://0x7f.1/ https://017700000001/ https://127.1/
    https://[::1]/ https://[::ffff:127.0.0.1]/ https://[fe80::1%25eth0]/ https://localhost/ https://localhost./
    https://x.localhost/ https://metadata.google.internal/ https://router/ https://u@a.example/ https://u:p@a.example/
    https://a.example/#x https://a.example:22/ https://a.example:0/ https://a.example:99999/ https://a.example:x/
    ftp://a.example/ file:///etc/passwd //a.example/ https:// https:///x https://a..example/ https://-a.example/
    https://１２７.０.０.１/ https://a.example\\@b.example/ https://169.254.169.254/latest/meta-data
    https://a.example%00.b.example/ gopher://a.example/ https://[::1 https://]/""".split(),
)
def test_urls_that_lead_astray_are_refused(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, (), "url")


@given(st.text(max_size=60))
def test_no_text_breaks_the_check(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example{text}"):
        take_apart(url)
        with suppress(Invalid):
            assert take_apart(check_url(url, (), "url")) is not None


def test_without_tls_only_to_private_networks() -> None:
    assert check_url("http://10.1.2.3:8080/x", PRIVATE, "url") == "http://10.1.2.3:8080/x"
    assert check_url("http://billing/x", PRIVATE, "url") == "http://billing/x"
    with pytest.raises(Invalid):
        check_url("http://10.2.2.3:8080/x", PRIVATE, "url")
