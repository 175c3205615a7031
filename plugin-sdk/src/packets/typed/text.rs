//! Texts on their way, and as plugins have them.

use portcullis_protocol::text::Text as WireText;
use portcullis_protocol::version::Protocol;

use crate::Text;

impl Text {
    /// The text alone, without colours and tags: what a filter looks at. With the feature `packets`.
    ///
    /// ```
    /// use portcullis_sdk::Text;
    ///
    /// assert_eq!(Text::markup("<red>No <bold>entry").to_plain(), "No entry");
    /// assert_eq!(Text::json(r#"{"text":"No","extra":[" entry"]}"#).to_plain(), "No entry");
    /// ```
    pub fn to_plain(&self) -> String {
        to_wire(self).to_plain()
    }
}

/// What is no component is shown as it is, as the host does.
pub(super) fn to_wire(text: &Text) -> WireText {
    match text {
        Text::Plain(plain) => WireText::plain(plain),
        Text::Markup(markup) => WireText::markup(markup),
        Text::Json(json) => WireText::json(json).unwrap_or_else(|_| WireText::plain(json)),
    }
}

pub(super) fn of_wire(text: &WireText) -> Text {
    Text::Json(text.to_json(Protocol::NEWEST))
}
