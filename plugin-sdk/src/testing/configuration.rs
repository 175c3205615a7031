//! Configurations as tests write them, as the host hands them over.

use serde_json::Value;

use crate::{Error, Plugin, Result};

/// The JSON that the host would hand to the plugin. The text is TOML, as below `[plugins.NAME.config]`, or JSON in braces.
pub(super) fn to_json<P: Plugin>(text: &str) -> Result<String> {
    let config: Value = if text.trim_start().starts_with('{') {
        serde_json::from_str(text)?
    } else {
        serde_json::to_value(toml::from_str::<toml::Table>(text)?)?
    };
    let is_empty = config.as_object().is_some_and(serde_json::Map::is_empty);
    if P::schema().is_none() && !is_empty {
        return Err(Error::new(
            "this plugin takes no configuration: it has no field `settings`",
        ));
    }
    Ok(config.to_string())
}
