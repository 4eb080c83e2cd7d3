"""Which addresses are public: what the standard library says, less what it gets wrong."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NEVER = [
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",  # a cloud's metadata and DNS service at a public-looking address
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b::/96",  # NAT64 would translate these to whatever IPv4 address they embed
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",  # 6to4 embeds an IPv4 address too
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]


def is_public(address: str) -> bool:
    """Whether *address* (a literal, zone ids allowed) may be reached on behalf of a stranger."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return (
        parsed.is_global
        and not parsed.is_multicast
        and not any(parsed.version == network.version and parsed in network for network in _NEVER)
    )
