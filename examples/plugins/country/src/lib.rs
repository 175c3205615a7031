//! Notes each player's country by tables of networks, for the plugins behind it, and turns away those of some.
//!
//! Teaches: the `handshake` hook, an attribute that later links and hooks of the session read, and work done once in
//! `start` so that a call is quick. The tables are yours: registries publish which network belongs where.

use std::collections::BTreeMap;
use std::net::IpAddr;

use portcullis_sdk::prelude::*;

/// The attribute, for example `nz`.
pub const COUNTRY: &str = "country";

/// Notes each player's country.
#[derive(Plugin)]
#[plugin(stage = "guard", start = "Self::start")]
pub struct Country {
    settings: Settings,
    table: Table,
}

#[derive(Config)]
struct Settings {
    /// For each country its networks. Where several hold an address, the smallest network wins.
    countries: BTreeMap<String, Vec<Cidr>>,
    /// Countries whose players are turned away.
    #[config(default)]
    refuse: Vec<String>,
    /// Shown to them.
    #[config(default = "<red>Not available in your country.")]
    text: Text,
}

/// For each length of prefix, the longest first, the networks' first addresses with their countries.
#[derive(Default)]
struct Table(BTreeMap<std::cmp::Reverse<u8>, BTreeMap<IpAddr, String>>);

impl Country {
    fn start(&mut self) -> Result<()> {
        for (country, networks) in &self.settings.countries {
            for network in networks {
                if let Some(other) = self.table.insert(network, country).filter(|other| other != country) {
                    return Err(Error::new(format!("{network} is in both `{other}` and `{country}`")));
                }
            }
        }
        for country in &self.settings.refuse {
            if !self.settings.countries.contains_key(country) {
                return Err(Error::new(format!("`refuse` names `{country}`, which has no networks")));
            }
        }
        Ok(())
    }
}

#[hooks]
impl Handshake for Country {
    fn handshake(&mut self, session: &Session) -> HandshakeVerdict {
        let Some(country) = self.table.find(session.peer().ip()) else {
            return HandshakeVerdict::Next;
        };
        if self.settings.refuse.iter().any(|refused| refused == country) {
            return HandshakeVerdict::disconnect(self.settings.text.clone());
        }
        HandshakeVerdict::Tag(vec![(COUNTRY.into(), country.into())])
    }
}

impl Table {
    /// Gives the country that had this very network before.
    fn insert(&mut self, network: &Cidr, country: &str) -> Option<String> {
        let of_this_size = self.0.entry(std::cmp::Reverse(network.prefix())).or_default();
        of_this_size.insert(network.first(), country.to_owned())
    }

    /// One look for each length of prefix that the tables have: some twenty for all networks of the world.
    fn find(&self, address: IpAddr) -> Option<&str> {
        let mut sizes = self.0.iter();
        sizes.find_map(|(prefix, networks)| networks.get(&first_of(address, prefix.0)?).map(String::as_str))
    }
}

/// The first address of the network of that size around an address; none where addresses of its kind are shorter.
fn first_of(address: IpAddr, prefix: u8) -> Option<IpAddr> {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(v4) => {
            let host_bits = 32_u32.checked_sub(prefix)?;
            Some(IpAddr::V4(
                (u32::from(v4) & u32::MAX.checked_shl(host_bits).unwrap_or(0)).into(),
            ))
        }
        IpAddr::V6(v6) => {
            let host_bits = 128_u32.checked_sub(prefix)?;
            Some(IpAddr::V6(
                (u128::from(v6) & u128::MAX.checked_shl(host_bits).unwrap_or(0)).into(),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use portcullis_sdk::testing::Host;

    use super::*;

    const TABLES: &str = "
        refuse = ['xx']
        text = 'No'
        [countries]
        nz = ['192.0.2.0/24', '2001:db8::/32']
        au = ['192.0.2.128/25']
        xx = ['198.51.100.7/32']
    ";

    #[track_caller]
    fn check(address: &str, expect: Option<&str>) {
        let mut plugin = Host::new().start::<Country>(TABLES);
        let session = Session::build().peer(address).at_handshake();
        plugin.handshake(&session);
        assert_eq!(session.attribute(COUNTRY).as_deref(), expect, "{address}");
    }

    #[test]
    fn the_smallest_network_around_an_address_says_the_country() {
        check("192.0.2.7:1", Some("nz"));
        check("192.0.2.200:1", Some("au"));
        check("[2001:db8::7]:1", Some("nz"));
        check("203.0.113.1:1", None);
        check("[2001:db9::]:1", None);
    }

    #[test]
    fn players_of_refused_countries_are_told_so() {
        let mut plugin = Host::new().start::<Country>(TABLES);
        let session = Session::build().peer("198.51.100.7:1").at_handshake();
        assert_eq!(plugin.handshake(&session), HandshakeVerdict::disconnect("No"));
    }

    #[test]
    fn tables_that_contradict_themselves_are_refused() {
        #[track_caller]
        fn check(config: &str, expect: &str) {
            let error = Host::new().try_start::<Country>(config).unwrap_err();
            assert_eq!(error.to_string(), expect);
        }
        check(
            "countries = { a = ['192.0.2.0/24'], b = ['192.0.2.0/24'] }",
            "192.0.2.0/24 is in both `a` and `b`",
        );
        check(
            "refuse = ['nl']\ncountries = {}",
            "`refuse` names `nl`, which has no networks",
        );
    }
}
