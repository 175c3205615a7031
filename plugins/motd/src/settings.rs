//! What is configured.

use portcullis_sdk::config::Json;
use portcullis_sdk::hosts::{HostTable, Template};
use portcullis_sdk::prelude::*;

use crate::favicon::Favicon;

/// Most characters of a status answer that a client reads, favicon in base64 included.
const MAX_CHARACTERS: usize = 32_767;

/// Characters of the answer's JSON around each line of the sample, and around everything else.
const AROUND_LINE: usize = 64;
const AROUND_ALL: usize = 256;

#[derive(Config, Debug)]
pub(crate) struct Settings {
    /// What to show by the host name asked for. The most specific pattern wins, whatever the order.
    #[config(default, max_items = 10_000)]
    pub(crate) entries: HostTable<Reply>,
    /// For hosts without an entry: an answer, a server to ask, `next` to ask the chain's next link, or `drop` to close without a
    /// word.
    #[config(default = "next")]
    pub(crate) default: Fallback,
}

#[derive(Config, Debug)]
pub(crate) enum Fallback {
    Next,
    Drop,
    #[config(untagged)]
    Reply(Box<Reply>),
}

#[derive(Config, Debug)]
pub(crate) enum Reply {
    #[config(with_key = "passthrough")]
    Passthrough(PassthroughSettings),
    #[config(untagged)]
    Answer(Answer),
}

#[derive(Config, Debug)]
pub(crate) struct Answer {
    #[config(flatten)]
    pub(crate) shown: Shown,
    /// How long the host gives the same answer without asking again, in milliseconds.
    #[config(default = 1_000)]
    pub(crate) ttl_ms: u32,
}

#[derive(Config, Debug)]
pub(crate) struct PassthroughSettings {
    /// The server or group to ask. `$1` to `$9` stand for what the pattern captured, `$0` for the host. What is shown belongs into
    /// `offline`.
    pub(crate) passthrough: Template,
    /// How long a server's answer is fresh, in milliseconds.
    #[config(default = 5_000)]
    pub(crate) ttl_ms: u32,
    /// How long a failure is kept before the server is asked again, in milliseconds.
    #[config(default = 5_000)]
    pub(crate) failure_ttl_ms: u32,
    /// How long to wait for one server, connecting included, in milliseconds.
    #[config(default = 2_000, range(1..=10_000))]
    pub(crate) timeout_ms: u32,
    /// Shown while no server answers. Absent: the connection is closed, so that the client shows the server as unreachable.
    pub(crate) offline: Option<Shown>,
}

#[derive(Config, Debug)]
#[config(exactly_one(description, json), check = "Self::check")]
pub(crate) struct Shown {
    /// The message, as markup.
    description: Option<Text>,
    /// The message, as a JSON text component.
    json: Option<JsonText>,
    /// Shown in place of the player count when versions differ.
    pub(crate) version_text: Option<String>,
    /// Protocol number to claim; absent: the client's own. -1 fits no client, which then shows `version-text`.
    pub(crate) protocol: Option<i32>,
    /// Players shown as online: a number, or `{ sessions = NAMES }` for the sessions on these servers and groups, `*` for all
    /// servers. A server counts once.
    #[config(default = 0)]
    pub(crate) online: Online,
    /// Players shown as the most there may be.
    #[config(default = 20)]
    pub(crate) maximum: u32,
    /// Lines shown when pointing at the player count.
    #[config(default = [], max_items = 64)]
    pub(crate) sample: Vec<String>,
    /// PNG of 64 × 64 pixels, as base64 or as a data URL; at most 24 KiB, and small enough for the whole answer to fit into 32,767
    /// characters.
    pub(crate) favicon: Option<Favicon>,
}

#[derive(Config, Debug)]
pub(crate) enum Online {
    #[config(untagged)]
    Fixed(u32),
    Sessions(OneOrMany<ServerOrGroup>),
}

#[derive(Config, Debug)]
#[config(try_from = "String")]
struct JsonText(Text);

impl Shown {
    pub(crate) fn text(&self) -> Text {
        let json = self.json.as_ref().map(|json| &json.0);
        self.description
            .as_ref()
            .or(json)
            .cloned()
            .unwrap_or_else(|| Text::plain(""))
    }

    fn check(&self) -> Result<(), String> {
        let (Text::Plain(text) | Text::Markup(text) | Text::Json(text)) = self.text();
        let sample: usize = self.sample.iter().map(|line| line.len() + AROUND_LINE).sum();
        let favicon = self
            .favicon
            .as_ref()
            .map_or(0, |favicon| favicon.png().len().div_ceil(3) * 4);
        let version = self.version_text.as_ref().map_or(0, String::len);
        let characters = text.len() + sample + favicon + version + AROUND_ALL;
        if characters > MAX_CHARACTERS {
            return Err(format!(
                "makes an answer of about {characters} characters; clients read at most {MAX_CHARACTERS}, favicon included"
            ));
        }
        Ok(())
    }
}

impl TryFrom<String> for JsonText {
    type Error = String;

    fn try_from(json: String) -> Result<Self, String> {
        Json::parse(&json)?;
        Ok(Self(Text::json(json)))
    }
}
