//! The names of packets.

use std::fmt;

/// Declares the packets: documentation, variant, stable name.
macro_rules! packets {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal,)+) => {
        /// A packet by what it says. The same name stands for the same thing in every version, state and direction that has it,
        /// however it is spelt there.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Packet {
            $($(#[$doc])+ $variant,)+
        }

        impl Packet {
            /// Every packet that has a name, in the order of their declaration.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// Stable name for metrics, logs and plugins' subscriptions.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

packets! {
    /// Serverbound, login: the player's name.
    LoginStart = "login-start",
    /// Clientbound, login: the server's key.
    EncryptionRequest = "encryption-request",
    /// Serverbound, login: the secret, encrypted with that key.
    EncryptionResponse = "encryption-response",
    /// Clientbound, login: the profile, and the end of the login.
    LoginSuccess = "login-success",
    /// Serverbound, login: the client goes on to the configuration.
    LoginAcknowledged = "login-acknowledged",
    /// Clientbound, login (and play in 1.8): the length from which packets are compressed.
    SetCompression = "set-compression",
    /// Clientbound, login: a question of a plugin's own.
    LoginPluginRequest = "login-plugin-request",
    /// Serverbound, login: its answer.
    LoginPluginResponse = "login-plugin-response",
    /// Clientbound: the server wants a cookie back.
    CookieRequest = "cookie-request",
    /// Serverbound: the cookie.
    CookieResponse = "cookie-response",
    /// Clientbound: the client shall keep a cookie.
    StoreCookie = "store-cookie",
    /// Clientbound: the connection ends, with a text.
    Disconnect = "disconnect",
    /// Both directions: a plugin's bytes on a channel.
    PluginMessage = "plugin-message",
    /// Both directions: proof of life.
    KeepAlive = "keep-alive",
    /// Clientbound: a number to be sent back in order.
    Ping = "ping",
    /// Serverbound: the number.
    Pong = "pong",
    /// Serverbound: language, view distance, skin parts.
    Settings = "settings",
    /// Clientbound and, as the answer, serverbound: the configuration is over.
    FinishConfiguration = "finish-configuration",
    /// Clientbound: back from the world to the configuration.
    StartConfiguration = "start-configuration",
    /// Serverbound: the client is back.
    ConfigurationAcknowledged = "configuration-acknowledged",
    /// Clientbound, configuration: one registry's entries.
    RegistryData = "registry-data",
    /// Clientbound, configuration: the tags of registries.
    Tags = "tags",
    /// Clientbound, configuration: enabled features.
    FeatureFlags = "feature-flags",
    /// Both directions, configuration: data packs known without being sent.
    KnownPacks = "known-packs",
    /// Clientbound, configuration: chat starts anew.
    ResetChat = "reset-chat",
    /// Clientbound: a resource pack to load.
    ResourcePackPush = "resource-pack-push",
    /// Clientbound: resource packs to unload.
    ResourcePackPop = "resource-pack-pop",
    /// Serverbound: what became of a resource pack.
    ResourcePackResponse = "resource-pack-response",
    /// Clientbound: the client shall connect elsewhere.
    Transfer = "transfer",
    /// Clientbound: details for the client's crash reports.
    CustomReportDetails = "custom-report-details",
    /// Clientbound: links for the pause menu.
    ServerLinks = "server-links",
    /// Clientbound: a dialog to show.
    ShowDialog = "show-dialog",
    /// Clientbound: the dialog goes away.
    ClearDialog = "clear-dialog",
    /// Serverbound: something was clicked in a text or dialog.
    CustomClick = "custom-click",
    /// Clientbound, configuration: rules to accept.
    CodeOfConduct = "code-of-conduct",
    /// Serverbound, configuration: they are accepted.
    CodeOfConductAccepted = "code-of-conduct-accepted",
    /// Clientbound, play: the player enters the world.
    JoinGame = "join-game",
    /// Clientbound, play: another dimension, or life after death.
    Respawn = "respawn",
    /// Clientbound to 1.18.2: a line of chat or a text of the server's. Serverbound: what the player says, and until 1.18.2 commands.
    Chat = "chat",
    /// Clientbound: a text of the server's (1.19).
    SystemChat = "system-chat",
    /// Clientbound: what a player said, signed or not (1.19).
    PlayerChat = "player-chat",
    /// Clientbound: what somebody without a profile said (1.19.3).
    DisguisedChat = "disguised-chat",
    /// Serverbound: a command without signatures (1.20.5).
    Command = "command",
    /// Serverbound: a command whose arguments may be signed (1.19).
    SignedCommand = "signed-command",
    /// Serverbound: which messages were seen (1.19.1).
    ChatAcknowledgement = "chat-acknowledgement",
    /// Serverbound: the player's chat key (1.19.3).
    ChatSession = "chat-session",
    /// Serverbound: a half-typed line. Clientbound: how it may go on.
    TabComplete = "tab-complete",
    /// Clientbound: the tree of commands (1.13).
    CommandTree = "command-tree",
    /// Clientbound: a part of a title, to 1.16.5.
    Title = "title",
    /// Clientbound: the title's text (1.17).
    TitleText = "title-text",
    /// Clientbound: the smaller text below (1.17).
    TitleSubtitle = "title-subtitle",
    /// Clientbound: how long titles stay (1.17).
    TitleTimes = "title-times",
    /// Clientbound: the title goes away (1.17).
    TitleClear = "title-clear",
    /// Clientbound: the text above the hotbar (1.17).
    ActionBar = "action-bar",
    /// Clientbound: the texts above and below the list of players.
    TabListHeader = "tab-list-header",
    /// Clientbound: entries of the list of players.
    PlayerInfo = "player-info",
    /// Clientbound: entries leave the list of players (1.19.3).
    PlayerInfoRemove = "player-info-remove",
    /// Clientbound: a bar at the top of the screen.
    BossBar = "boss-bar",
    /// Clientbound: the server's description and icon (1.19).
    ServerData = "server-data",
    /// Clientbound: begin or end of packets to handle at once.
    BundleDelimiter = "bundle-delimiter",
}

impl Packet {
    /// The packet called `name`.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|packet| packet.name() == name)
    }

    /// Whether both sides go on to another state, or another length to compress from, with this packet: neither could do so alone.
    pub fn leads_on(self) -> bool {
        matches!(
            self,
            Self::FinishConfiguration
                | Self::StartConfiguration
                | Self::ConfigurationAcknowledged
                | Self::LoginAcknowledged
                | Self::SetCompression
        )
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
