//! What the server list shows, to and from its JSON.

use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::{Favicon, MAX_ANSWER_UNITS, STATUS_ID, StatusError};
use crate::{frame, text::Text, varint::write_string, version::Protocol};

/// Most players in a sample; clients show a dozen.
pub const MAX_SAMPLE: usize = 64;

/// A line of what is shown when pointing at the player count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SamplePlayer {
    /// Any text.
    pub name: String,
    /// A dashed UUID; any will do, but clients refuse the whole answer where it is none.
    pub id: String,
}

/// What the server list shows.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusResponse {
    /// Shown in place of the player count when versions differ.
    pub version_name: String,
    /// The version that the server claims; the client may join where it is its own.
    pub protocol: Protocol,
    /// Shown below the server's name.
    pub description: Text,
    /// Players online.
    pub online: u32,
    /// Room for so many.
    pub maximum: u32,
    /// The first [`MAX_SAMPLE`] are sent.
    pub sample: Vec<SamplePlayer>,
    /// The picture beside the entry.
    pub favicon: Option<Favicon>,
}

impl StatusResponse {
    /// Appends the answer as a frame for a client of version `client`. Nothing is appended on an error.
    pub fn write(&self, client: Protocol, out: &mut Vec<u8>) -> Result<(), StatusError> {
        let json = self.to_json(client)?;
        let units = json.encode_utf16().count();
        if units > MAX_ANSWER_UNITS {
            return Err(StatusError::TooLong(units));
        }
        frame::write(out, |body| {
            body.push(STATUS_ID);
            write_string(&json, body);
        });
        Ok(())
    }

    /// Reads a server's answer, as forgiving as clients are: what is missing or odd gets a plain value.
    pub fn of_json(json: &str) -> Result<Self, StatusError> {
        let answer: Value = serde_json::from_str(json)?;
        let answer = answer.as_object().ok_or(StatusError::NotAnObject)?;
        let field = |object: &str, key: &str| answer.get(object).and_then(|object| object.get(key));
        let count = |key| field("players", key).and_then(Value::as_i64).unwrap_or_default();
        let sample = field("players", "sample").and_then(Value::as_array);
        let description = answer
            .get("description")
            .and_then(|component| Text::json(&component.to_string()).ok());
        Ok(Self {
            version_name: field("version", "name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            protocol: field("version", "protocol")
                .and_then(Value::as_i64)
                .and_then(|number| number.try_into().ok())
                .map_or(Protocol::NONE, Protocol),
            description: description.unwrap_or_else(|| Text::plain("")),
            online: saturated(count("online")),
            maximum: saturated(count("max")),
            sample: sample
                .into_iter()
                .flatten()
                .take(MAX_SAMPLE)
                .filter_map(player)
                .collect(),
            favicon: answer
                .get("favicon")
                .and_then(Value::as_str)
                .and_then(Favicon::of_data_url),
        })
    }

    fn to_json(&self, client: Protocol) -> Result<String, StatusError> {
        Ok(serde_json::to_string(&Answer {
            version: Version {
                name: &self.version_name,
                protocol: self.protocol.0,
            },
            players: Players {
                max: self.maximum,
                online: self.online,
                sample: self.sample.get(..MAX_SAMPLE).unwrap_or(&self.sample),
            },
            description: RawValue::from_string(self.description.to_json(client))?,
            favicon: self.favicon.as_ref(),
        })?)
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    version: Version<'a>,
    players: Players<'a>,
    description: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    favicon: Option<&'a Favicon>,
}

#[derive(Serialize)]
struct Version<'a> {
    name: &'a str,
    protocol: i32,
}

#[derive(Serialize)]
struct Players<'a> {
    max: u32,
    online: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    sample: &'a [SamplePlayer],
}

fn player(player: &Value) -> Option<SamplePlayer> {
    let text = |key| player.get(key)?.as_str().map(str::to_owned);
    Some(SamplePlayer {
        name: text("name")?,
        id: text("id")?,
    })
}

/// Servers write negative numbers of players for fun, and large ones.
fn saturated(count: i64) -> u32 {
    count.clamp(0, u32::MAX.into()).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::ServerAnswer;

    fn response() -> StatusResponse {
        StatusResponse {
            version_name: "Portcullis".into(),
            protocol: Protocol(763),
            description: Text::markup("<#ff8800>Hello"),
            online: 3,
            maximum: 100,
            sample: vec![SamplePlayer {
                name: "Notch".into(),
                id: "069a79f4-44e9-4726-a5be-fca90e38aaf5".into(),
            }],
            favicon: Favicon::of_data_url("data:image/png;base64,AAAA"),
        }
    }

    #[track_caller]
    fn check(response: &StatusResponse, client: i32, json: &str) {
        let mut out = Vec::new();
        response.write(Protocol(client), &mut out).unwrap();
        let Ok(crate::Progress::Complete(answer, taken)) = ServerAnswer::parse(&out) else {
            panic!("whole and good")
        };
        assert_eq!((answer.json, taken), (json, out.len()));
    }

    #[test]
    fn an_answer_is_written_for_the_clients_version() {
        let with = |colour| {
            format!(
                concat!(
                    r#"{{"version":{{"name":"Portcullis","protocol":763}},"#,
                    r#""players":{{"max":100,"online":3,"sample":[{{"name":"Notch","id":"069a79f4-44e9-4726-a5be-fca90e38aaf5"}}]}},"#,
                    r#""description":{{"text":"Hello","color":"{}"}},"favicon":"data:image/png;base64,AAAA"}}"#
                ),
                colour
            )
        };
        check(&response(), 763, &with("#ff8800"));
        check(&response(), 47, &with("gold"));
    }

    #[test]
    fn what_is_absent_is_left_out() {
        let bare = StatusResponse {
            sample: vec![],
            favicon: None,
            description: Text::plain(""),
            ..response()
        };
        check(
            &bare,
            763,
            r#"{"version":{"name":"Portcullis","protocol":763},"players":{"max":100,"online":3},"description":{"text":""}}"#,
        );
    }

    #[test]
    fn an_answer_that_clients_cannot_read_is_refused() {
        let favicon = Favicon::of_data_url(&format!("data:image/png;base64,{}", "A".repeat(MAX_ANSWER_UNITS)));
        let mut out = Vec::new();
        let error = StatusResponse { favicon, ..response() }
            .write(Protocol(763), &mut out)
            .unwrap_err();
        assert_eq!(error.label(), "status-too-long");
        assert!(out.is_empty());
    }

    #[test]
    fn a_servers_answer_is_read_back() {
        let json = response().to_json(Protocol(763)).unwrap();
        let read = StatusResponse::of_json(&json).unwrap();
        assert_eq!(read.description.to_legacy(), "§6Hello");
        assert_eq!(
            StatusResponse {
                description: response().description,
                ..read
            },
            response()
        );
    }

    #[test]
    fn odd_answers_are_read_as_far_as_they_go() {
        let odd = StatusResponse::of_json(
            r#"{"version":"old","players":{"online":-1,"max":99999999999,"sample":[{"name":1},{"name":"a","id":"b"}]},"favicon":7}"#,
        )
        .unwrap();
        assert_eq!((odd.online, odd.maximum, odd.protocol), (0, u32::MAX, Protocol::NONE));
        assert_eq!(
            odd.sample,
            [SamplePlayer {
                name: "a".into(),
                id: "b".into()
            }]
        );
        assert_eq!(odd.favicon, None);
        assert_eq!(
            StatusResponse::of_json("[]").unwrap_err().label(),
            "status-not-an-object"
        );
        assert_eq!(StatusResponse::of_json("{").unwrap_err().label(), "status-not-json");
    }
}
