//! What a version can do and how it spells things: one question each, answered by the number of the release that changed it.
//!
//! Sources, unless a question names its own: <https://minecraft.wiki/w/Java_Edition_protocol/Version_history>, and the fields of
//! the release's packets as minecraft-data records them, <https://github.com/PrismarineJS/minecraft-data>.

use super::Protocol;

impl Protocol {
    /// Whether text may have any colour (1.16); older clients know sixteen. A client without a number is taken for a new one.
    /// <https://minecraft.wiki/w/Text_component_format#History>
    pub fn has_hex_colours(self) -> bool {
        self < Self(0) || self >= Self::V1_16
    }

    /// Whether text outside the login state is NBT rather than a string of JSON (1.20.3).
    /// <https://minecraft.wiki/w/Java_Edition_protocol/Data_types#Text_Component>
    pub fn text_is_nbt(self) -> bool {
        self >= Self::V1_20_3
    }

    /// Whether frames can be compressed (1.8).
    /// <https://minecraft.wiki/w/Java_Edition_protocol/Packets#With_compression>
    pub fn compresses(self) -> bool {
        self >= Self::V1_8
    }

    /// Whether byte arrays of the login state and of plugin messages count in 16 bits rather than in a VarInt (before 1.8).
    pub fn has_short_arrays(self) -> bool {
        self < Self::V1_8
    }

    /// Whether a login start may carry a chat key: 1.19 to 1.19.2. Since 1.19.3 it comes with a packet in play.
    pub fn login_start_has_key(self) -> bool {
        (Self::V1_19..Self::V1_19_3).contains(&self)
    }

    /// Whether a login start may carry the player's UUID (1.19.1).
    pub fn login_start_has_uuid(self) -> bool {
        self >= Self::V1_19_1
    }

    /// Whether a login start always carries the player's UUID (1.20.2).
    pub fn login_start_needs_uuid(self) -> bool {
        self >= Self::V1_20_2
    }

    /// Whether an encryption request says if the session server will be asked (1.20.5).
    pub fn encryption_request_has_authenticate(self) -> bool {
        self >= Self::V1_20_5
    }

    /// Whether a login success has the UUID as 16 bytes rather than as text (1.16).
    pub fn login_success_has_binary_uuid(self) -> bool {
        self >= Self::V1_16
    }

    /// Whether a login success carries the profile's properties (1.19).
    pub fn login_success_has_properties(self) -> bool {
        self >= Self::V1_19
    }

    /// Whether a login success says if the client shall leave on a bad packet: 1.20.5 to 1.21.1.
    pub fn login_success_has_strict_errors(self) -> bool {
        (Self::V1_20_5..Self::V1_21_2).contains(&self)
    }

    /// Whether a login success carries the id of the session (26.2), the same for all players of a network.
    pub fn login_success_has_session(self) -> bool {
        self >= Self::V26_2
    }

    /// Whether servers and clients can talk during the login in plugins' own packets (1.13).
    pub fn has_login_plugin_messages(self) -> bool {
        self >= Self::V1_13
    }

    /// Whether a login ends with an acknowledgement and goes on in the configuration state (1.20.2).
    pub fn has_configuration(self) -> bool {
        self >= Self::V1_20_2
    }

    /// Whether a server can send its client to another address, with intent 3 (1.20.5).
    pub fn has_transfer(self) -> bool {
        self >= Self::V1_20_5
    }

    /// Whether servers can leave cookies with a client (1.20.5).
    pub fn has_cookies(self) -> bool {
        self >= Self::V1_20_5
    }

    /// Whether chat and commands carry signatures (1.19).
    pub fn signs_chat(self) -> bool {
        self >= Self::V1_19
    }

    /// Whether each signed line builds on its author's last one, so that none can be left out (1.19.1).
    pub fn chains_signed_chat(self) -> bool {
        self >= Self::V1_19_1
    }

    /// Whether signed chat acknowledges what its author has seen by counting (1.19.3); 1.19.1 lists the signatures.
    pub fn counts_acknowledgements(self) -> bool {
        self >= Self::V1_19_3
    }

    /// Whether commands without signed arguments are a packet of their own (1.20.5).
    pub fn has_unsigned_commands(self) -> bool {
        self >= Self::V1_20_5
    }

    /// Whether acknowledgements of chat end with a checksum (1.21.5).
    pub fn acknowledgements_have_checksum(self) -> bool {
        self >= Self::V1_21_5
    }

    /// Whether a line of chat may have 256 characters (1.11) rather than 100.
    pub fn has_long_chat(self) -> bool {
        self >= Self::V1_11
    }

    /// Whether plugin channels are identifiers with a namespace (1.13).
    /// <https://minecraft.wiki/w/Java_Edition_protocol/Plugin_channels>
    pub fn has_namespaced_channels(self) -> bool {
        self >= Self::V1_13
    }

    /// Whether text of the host's own is a system message (1.19) rather than a chat message with a position.
    pub fn has_system_chat(self) -> bool {
        self >= Self::V1_19
    }

    /// Whether titles can be shown (1.8).
    pub fn has_titles(self) -> bool {
        self >= Self::V1_8
    }

    /// Whether each part of a title is a packet of its own (1.17).
    pub fn has_split_titles(self) -> bool {
        self >= Self::V1_17
    }

    /// Whether several resource packs can be loaded, each with a UUID (1.20.3).
    pub fn has_many_resource_packs(self) -> bool {
        self >= Self::V1_20_3
    }

    /// Whether packets can come in bundles that a client handles at once (1.19.4).
    pub fn has_bundles(self) -> bool {
        self >= Self::V1_19_4
    }

    /// Whether dimensions have names (1.16) rather than numbers, so that a client can be told to join again.
    pub fn has_named_dimensions(self) -> bool {
        self >= Self::V1_16
    }

    /// Whether NBT on the wire has no name at its root (1.20.2).
    pub fn has_nameless_nbt(self) -> bool {
        self >= Self::V1_20_2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(question: fn(Protocol) -> bool, since: &str, until: Option<&str>) {
        let number = |name| Protocol::of_release(name).unwrap();
        for protocol in Protocol::releases() {
            let expect = protocol >= number(since) && until.is_none_or(|until| protocol < number(until));
            assert_eq!(question(protocol), expect, "{protocol}");
        }
    }

    #[test]
    fn each_feature_came_with_its_release() {
        check(Protocol::text_is_nbt, "1.20.3", None);
        check(Protocol::compresses, "1.8", None);
        check(Protocol::has_short_arrays, "1.7.2", Some("1.8"));
        check(Protocol::login_start_has_key, "1.19", Some("1.19.3"));
        check(Protocol::login_start_has_uuid, "1.19.2", None);
        check(Protocol::login_start_needs_uuid, "1.20.2", None);
        check(Protocol::login_success_has_strict_errors, "1.20.6", Some("1.21.3"));
        check(Protocol::login_success_has_session, "26.2", None);
        check(Protocol::has_configuration, "1.20.2", None);
        check(Protocol::has_transfer, "1.20.5", None);
        check(Protocol::signs_chat, "1.19", None);
        check(Protocol::acknowledgements_have_checksum, "1.21.5", None);
        check(Protocol::has_split_titles, "1.17", None);
    }

    #[test]
    fn colours_beyond_the_sixteen_came_with_1_16() {
        assert!(!Protocol(578).has_hex_colours());
        assert!(Protocol(735).has_hex_colours());
        assert!(Protocol(1 << 30 | 1).has_hex_colours());
        assert!(Protocol::NONE.has_hex_colours());
    }
}
