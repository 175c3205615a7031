"""Which network an address belongs to: the smallest of those that hold it."""

import ipaddress


class Table:
    """Networks by length, the longest first; one look-up for each length that occurs, however many networks there are."""

    def __init__(self, places: list[tuple[str, str]]) -> None:
        """Takes pairs of a network, such as `192.0.2.0/24`, and a place. Raises `ValueError` for what is no network."""
        by_length: dict[tuple[int, int], dict[int, str]] = {}
        for text, place in places:
            network = ipaddress.ip_network(text)
            start = int(network.network_address)
            by_length.setdefault((network.version, network.prefixlen), {})[start] = place
        self._by_length = sorted(by_length.items(), reverse=True)

    def place_of(self, ip: str) -> str | None:
        """The place of the smallest network that holds this address."""
        address = ipaddress.ip_address(ip)
        number = int(address)
        for (version, length), places in self._by_length:
            if version == address.version:
                host_bits = address.max_prefixlen - length
                place = places.get(number >> host_bits << host_bits)
                if place is not None:
                    return place
        return None
