"""Which addresses may be reached on somebody's behalf."""

import ipaddress

import pytest

from outrider.base.addresses import is_allowed, is_public

INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::127.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "fec0::1", "fd00:ec2::254", "192.0.0.192", "198.18.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_addresses_of_the_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_what_the_configuration_allows() -> None:
    inside, metadata = ipaddress.ip_address("10.1.2.3"), ipaddress.ip_address("169.254.169.254")
    assert is_allowed("wiki.example", inside, ["*.example"])
    assert is_allowed("x", inside, ["10.1.0.0/16"])
    assert not is_allowed("wiki.example", inside, ["example", "10.2.0.0/16"])
    assert not is_allowed("wiki.example", metadata, ["*", "wiki.example"])
    assert is_allowed("x", metadata, ["169.254.169.254"])
