//! Networks of addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::Config;
use super::json::{Json, Kinds};
use super::reader::Reader;
use super::rules::Rules;
use super::schema::Schema;
use crate::Error;

/// A network of IPv4 or IPv6 addresses: `"10.0.0.0/8"`, `"2001:db8::/32"`; an address without a prefix is a network of one.
///
/// ```
/// use portcullis_sdk::config::Cidr;
///
/// let private: Cidr = "10.0.0.0/8".parse()?;
/// assert!(private.contains("10.1.2.3".parse()?));
/// assert!(!private.contains("192.0.2.7".parse()?));
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    /// The address as a number; IPv4's in the upper 32 bits, so that prefixes count alike.
    bits: u128,
    prefix: u8,
    v6: bool,
}

impl Cidr {
    /// Whether the address lies in the network. IPv4 addresses lie in no IPv6 network, nor the other way round; addresses that
    /// the host gives are IPv4 wherever they can be.
    ///
    /// ```
    /// let all: portcullis_sdk::config::Cidr = "0.0.0.0/0".parse()?;
    /// assert!(all.contains("192.0.2.7".parse()?));
    /// assert!(!all.contains("2001:db8::1".parse()?));
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv6() == self.v6 && masked(bits(address), self.prefix) == self.bits
    }

    /// How many leading bits of an address the network fixes.
    ///
    /// ```
    /// let network: portcullis_sdk::config::Cidr = "192.0.2.0/24".parse()?;
    /// assert_eq!(network.prefix(), 24);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// The first address of the network.
    ///
    /// ```
    /// let network: portcullis_sdk::config::Cidr = "192.0.2.0/24".parse()?;
    /// assert_eq!(network.first().to_string(), "192.0.2.0");
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn first(&self) -> IpAddr {
        if self.v6 {
            IpAddr::V6(self.bits.into())
        } else {
            // The lower bits are zero.
            IpAddr::V4(((self.bits >> 96) as u32).into())
        }
    }
}

impl FromStr for Cidr {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::new(format!(
                "\"{text}\" is no network; write \"10.0.0.0/8\", \"2001:db8::/32\" or an address"
            ))
        };
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv6() { 128 } else { 32 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| wrong())?,
            None => longest,
        };
        if prefix > longest {
            return Err(Error::new(format!(
                "\"{text}\" has a prefix of {prefix}; at most {longest} is possible"
            )));
        }
        let network = Self {
            bits: masked(bits(address), prefix),
            prefix,
            v6: address.is_ipv6(),
        };
        if network.bits != bits(address) {
            return Err(Error::new(format!(
                "\"{text}\" has bits set beyond its prefix; write \"{network}\" for the network, or the address alone"
            )));
        }
        Ok(network)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first(), self.prefix)
    }
}

impl Config for Cidr {
    const KINDS: Kinds = Kinds::TEXT;

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
        schema.word("pattern", "^[0-9a-fA-F.:]+(/[0-9]{1,3})?$");
        schema.examples(&["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]);
    }

    fn read(json: Json, _: &Rules, reader: &mut Reader) -> Option<Self> {
        match reader.text(json)?.parse() {
            Ok(network) => Some(network),
            Err(error) => reader.problem(format_args!("{error}")),
        }
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => address.into(),
    }
}

fn masked(bits: u128, prefix: u8) -> u128 {
    bits & !u128::MAX.checked_shr(prefix.into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_what_shares_its_prefix() {
        let check = |network: &str, address: &str, expect: bool| {
            let network: Cidr = network.parse().unwrap();
            assert_eq!(
                network.contains(address.parse().unwrap()),
                expect,
                "{address} in {network}"
            );
        };
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("192.0.2.7", "192.0.2.7", true);
        check("192.0.2.7", "192.0.2.8", false);
        check("0.0.0.0/0", "203.0.113.1", true);
        check("2001:db8::/32", "2001:db8:1::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
        check("::/0", "10.0.0.1", false);
        check("::1/128", "::1", true);
    }

    #[test]
    fn what_is_no_network_is_refused_with_what_to_write() {
        let check = |text: &str, expect: &str| {
            assert_eq!(text.parse::<Cidr>().unwrap_err().to_string(), expect, "{text}");
        };
        let advice = "is no network; write \"10.0.0.0/8\", \"2001:db8::/32\" or an address";
        check("lobby", &format!("\"lobby\" {advice}"));
        check("10.0.0.0/x", &format!("\"10.0.0.0/x\" {advice}"));
        check(
            "10.0.0.0/33",
            "\"10.0.0.0/33\" has a prefix of 33; at most 32 is possible",
        );
        check(
            "10.0.0.1/8",
            "\"10.0.0.1/8\" has bits set beyond its prefix; write \"10.0.0.0/8\" for the network, or the address alone",
        );
    }
}
