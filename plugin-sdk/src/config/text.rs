//! Texts for players.

use super::Config;
use super::json::{Json, Kinds};
use super::reader::Reader;
use super::rules::Rules;
use super::schema::Schema;
use crate::Text;

/// A text is configured as markup.
impl Config for Text {
    const KINDS: Kinds = Kinds::TEXT;

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
    }

    fn read(json: Json, _: &Rules, reader: &mut Reader) -> Option<Self> {
        reader.text(json).map(Text::Markup)
    }
}
