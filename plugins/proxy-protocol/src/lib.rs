//! Adds fields to the PROXY header, version 2, that the host writes for servers which ask for one: the host name that the player asked
//! for, the session's number, and what is configured.
//!
//! <https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt>

use portcullis_sdk::prelude::*;

/// The host name that the client asked for.
const AUTHORITY: u8 = 0x02;

/// What identifies the connection: at most 128 bytes.
const UNIQUE_ID: u8 = 0x05;

/// Most bytes of all configured fields together: with the host name and the number they fit what the contract allows, 2 KiB.
const MAX_VALUE_BYTES: usize = 1_600;

/// Tells servers behind PROXY protocol, version 2, more than addresses.
#[derive(Plugin)]
#[plugin(stage = "forward")]
pub struct ProxyProtocol {
    settings: Settings,
}

#[derive(Config, Debug)]
#[config(check = "Self::check")]
struct Settings {
    /// The host name that the player asked for.
    #[config(default = true)]
    authority: bool,
    /// The session's number, as in logs and metrics.
    #[config(default = true)]
    unique_id: bool,
    /// Fields of kinds that are free for any use.
    #[config(default = [], max_items = 14)]
    fields: Vec<FieldSettings>,
}

#[derive(Config, Debug)]
struct FieldSettings {
    /// The field's kind, of those that the protocol leaves to its users: 224 to 239 (0xe0 to 0xef).
    #[config(range(224..=239))]
    kind: u8,
    /// What it says.
    value: String,
}

impl Settings {
    fn check(&self) -> Result<(), String> {
        let bytes: usize = self.fields.iter().map(|field| field.value.len()).sum();
        match bytes <= MAX_VALUE_BYTES {
            true => Ok(()),
            false => Err(format!(
                "has values of {bytes} bytes; at most {MAX_VALUE_BYTES} are allowed"
            )),
        }
    }
}

#[hooks]
impl Forward for ProxyProtocol {
    fn introduce(&mut self, session: &Session, _server: &Destination) -> ForwardVerdict {
        let Settings {
            authority,
            unique_id,
            fields,
        } = &self.settings;
        let host = Some(session.host()).filter(|host| *authority && !host.is_empty());
        let authority = host.map(|host| tlv(AUTHORITY, host));
        let id = unique_id.then(|| tlv(UNIQUE_ID, &session.id().to_string()));
        let fields = fields.iter().map(|field| tlv(field.kind, &field.value));
        let tlvs: Vec<Tlv> = authority.into_iter().chain(id).chain(fields).collect();
        match tlvs.is_empty() {
            true => ForwardVerdict::Next,
            false => ForwardVerdict::tlvs(tlvs),
        }
    }
}

fn tlv(kind: u8, value: &str) -> Tlv {
    Tlv {
        kind,
        value: value.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use portcullis_sdk::testing::Host;

    use super::*;

    fn introduced(config: &str, host: &str) -> (ForwardVerdict, String) {
        let session = Session::build().host(host).at_route();
        let mut plugin = Host::new().start::<ProxyProtocol>(config);
        (
            plugin.introduce(&session, &Destination::new("lobby")),
            session.id().to_string(),
        )
    }

    #[test]
    fn a_server_hears_the_host_name_the_session_and_what_is_configured() {
        let (verdict, id) = introduced("fields = [{ kind = 0xe0, value = 'eu' }]", "a.example");
        let expect = [tlv(AUTHORITY, "a.example"), tlv(UNIQUE_ID, &id), tlv(0xe0, "eu")];
        assert_eq!(verdict, ForwardVerdict::tlvs(expect));
    }

    #[test]
    fn what_is_switched_off_or_not_known_is_left_out() {
        let (verdict, id) = introduced("authority = false", "a.example");
        assert_eq!(verdict, ForwardVerdict::tlvs([tlv(UNIQUE_ID, &id)]));
        assert_eq!(introduced("unique-id = false", "").0, ForwardVerdict::Next);
    }

    #[test]
    fn kinds_that_are_not_free_and_values_that_are_too_long_are_refused() {
        let host = Host::new();
        let check = |config: &str, expect: &str| {
            let problems = host.try_start::<ProxyProtocol>(config).map(|_| ()).unwrap_err();
            assert_eq!(problems.to_string(), expect);
        };
        check(
            "fields = [{ kind = 2, value = 'a' }]",
            "fields[0].kind: 2 is out of range; 224 to 239 is allowed",
        );
        check(
            &format!("fields = [{{ kind = 224, value = '{}' }}]", "x".repeat(1_601)),
            "the configuration: has values of 1601 bytes; at most 1600 are allowed",
        );
    }
}
