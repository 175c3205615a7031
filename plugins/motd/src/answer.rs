//! An answer of the plugin's own, checked when it is configured.

use settings::{Json, Object};

use crate::bindings::exports::portcullis::plugin::status;
use crate::bindings::portcullis::plugin::types::Text;
use crate::favicon;

/// Most lines in the sample: the most that the host takes.
const MAX_SAMPLE: usize = 64;

/// Most characters of a status answer that a client reads, favicon in base64 included.
const MAX_CHARACTERS: usize = 32_767;

/// Characters of the answer's JSON around each line of the sample, and around everything else.
const AROUND_LINE: usize = 64;
const AROUND_ALL: usize = 256;

/// Players shown as the most there may be, unless configured: what a server starts out with.
const MAXIMUM: u32 = 20;

/// Any UUID will do for a line of the sample.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// An answer and where its player count comes from.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// All but `online`.
    pub(crate) fixed: status::Answer,
    pub(crate) online: Online,
}

/// Players shown as online.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Online {
    Fixed(u32),
    /// Sessions on these servers and groups.
    Sessions(Vec<String>),
}

impl Answer {
    /// Takes the answer's keys.
    pub(crate) fn take(raw: &mut Object, ttl_ms: u32) -> Result<Self, String> {
        let description = match (raw.text("description")?, raw.text("json")?) {
            (Some(markup), None) => Text::Markup(markup),
            (None, Some(json)) => {
                Json::parse(&json).map_err(|error| format!("has a \"json\" that is no JSON: {error}"))?;
                Text::Json(json)
            }
            (Some(_), Some(_)) => return Err("has both \"description\" and \"json\"".into()),
            (None, None) => return Err("has neither \"description\" nor \"json\"".into()),
        };
        let sample = raw.texts("sample")?.unwrap_or_default();
        if sample.len() > MAX_SAMPLE {
            return Err(format!(
                "has a \"sample\" of {} lines; at most {MAX_SAMPLE} are allowed",
                sample.len()
            ));
        }
        let fixed = status::Answer {
            version_name: raw.text("version-text")?,
            protocol: raw.integer("protocol")?,
            description,
            online: 0,
            maximum: raw.integer("maximum")?.unwrap_or(MAXIMUM),
            sample: sample
                .into_iter()
                .map(|name| status::SamplePlayer {
                    name,
                    uuid: NOBODY.into(),
                })
                .collect(),
            favicon: raw.text("favicon")?.map(|text| favicon::parse(&text)).transpose()?,
            ttl_ms,
        };
        let characters = characters(&fixed);
        if characters > MAX_CHARACTERS {
            return Err(format!(
                "makes an answer of about {characters} characters; clients read at most {MAX_CHARACTERS}, favicon included"
            ));
        }
        Ok(Self {
            fixed,
            online: online(raw)?,
        })
    }
}

fn online(raw: &mut Object) -> Result<Online, String> {
    const KINDS: &str = "has an \"online\" that is neither a number nor { sessions = … }";
    match raw.value("online") {
        None => Ok(Online::Fixed(0)),
        Some(Json::Integer(number)) => Ok(Online::Fixed(number.try_into().map_err(|_| KINDS)?)),
        Some(Json::Object(mut counted)) => {
            let names = counted.texts("sessions")?.ok_or(KINDS)?;
            counted.finish().map_err(|_| KINDS)?;
            Ok(Online::Sessions(names))
        }
        Some(_) => Err(KINDS.into()),
    }
}

/// About how long the answer's JSON is.
fn characters(answer: &status::Answer) -> usize {
    let (Text::Plain(description) | Text::Markup(description) | Text::Json(description)) = &answer.description;
    let sample: usize = answer.sample.iter().map(|line| line.name.len() + AROUND_LINE).sum();
    let favicon = answer.favicon.as_ref().map_or(0, |png| png.len().div_ceil(3) * 4);
    description.len() + sample + favicon + answer.version_name.as_ref().map_or(0, String::len) + AROUND_ALL
}
