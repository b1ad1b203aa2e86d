//! Which network addresses belong to the public Internet.
//!
//! Others name where the house sends messages and reads documents; it must not be made to knock at
//! its own doors with them. What is not public by the IANA registries of special-purpose addresses (RFC 6890 and
//! what updates it) is internal: loopback, private, link-local with the clouds' metadata services,
//! unique-local, multicast, unspecified, reserved, for documentation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4 that are not public: first address and length of the prefix.
const INTERNAL_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),        // this network, unspecified
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // carriers' own; a cloud's metadata at 100.100.100.200
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // a cloud's host services, under an address that looks public
    ([169, 254, 0, 0], 16),   // link-local; metadata at 169.254.169.254
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 88, 99, 0], 24),   // relays from 6to4, given up
    ([192, 168, 0, 0], 16),   // private
    ([198, 18, 0, 0], 15),    // benchmarks
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, broadcast
];

/// The one block from which public IPv6 addresses are given, `2000::/3`. What lies outside of it
/// (`::1`, `::`, mapped IPv4, `fe80::/10`, `fc00::/7`, `ff00::/8`, that is not given out) is not.
const PUBLIC_V6: (u128, u32) = (0x2000 << 112, 3);

/// Blocks within `2000::/3` that are not public after all.
const INTERNAL_V6: [(u128, u32); 4] = [
    (0x2001 << 112, 23), // protocol assignments, Teredo, benchmarks
    ((0x2001 << 112) | (0x0db8 << 96), 32), // documentation
    (0x2002 << 112, 16), // 6to4: leads to any IPv4 address
    (0x3fff << 112, 20), // documentation
];

/// What a DNS64 makes of an IPv4 address, for networks without one: `64:ff9b::/96`.
const TRANSLATED: (u128, u32) = ((0x0064 << 112) | (0xff9b << 96), 96);

/// Whether the address belongs to the public Internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !INTERNAL_V4.iter().any(|(first, length)| {
        let differing = bits ^ u32::from_be_bytes(*first);
        differing.leading_zeros() >= *length
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let within = |(first, length): (u128, u32)| (bits ^ first).leading_zeros() >= length;
    if within(TRANSLATED) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    within(PUBLIC_V6) && !INTERNAL_V6.into_iter().any(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        let public = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2400:3200::1",
            "2606:4700:4700::1111",
            "2a00::1",
            "2001:200::1",
            "2003::1",
            "64:ff9b::101:101", // of 1.1.1.1
        ];
        let internal = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.0",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.0.0",
            "169.254.169.254",
            "169.254.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:1.1.1.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ffff::1",
        ];
        for (texts, expected) in [(&public[..], true), (&internal[..], false)] {
            for text in texts {
                assert_eq!(is_public(text.parse().expect(text)), expected, "{text}");
            }
        }
    }
}
