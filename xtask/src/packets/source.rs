//! Packet ids by release as minecraft-data has them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use portcullis_protocol::version::Protocol;
use serde_json::Value;

/// Ids by state, direction and name.
pub(super) type Names = BTreeMap<(String, String, String), u8>;

const STATES: [&str; 3] = ["login", "configuration", "play"];
const DIRECTIONS: [(&str, &str); 2] = [("toClient", "clientbound"), ("toServer", "serverbound")];

/// The version of minecraft-data, and each release's ids by its protocol number.
pub(super) fn read(node_modules: &Path) -> Result<(String, BTreeMap<i32, Names>)> {
    let package = node_modules.join("minecraft-data");
    let version = json(&package.join("package.json"))?;
    let version = version
        .get("version")
        .and_then(Value::as_str)
        .context("minecraft-data has no version")?;
    let data = package.join("minecraft-data/data");
    let paths = json(&data.join("dataPaths.json"))?;
    let paths = paths
        .get("pc")
        .and_then(Value::as_object)
        .context("dataPaths.json lists no releases")?;

    let mut releases = BTreeMap::new();
    for (release, paths) in paths {
        // 1.7 stands for 1.7.10; snapshots and what is older are not asked for.
        let release = if release == "1.7" { "1.7.10" } else { release };
        let folder = paths.get("protocol").and_then(Value::as_str);
        let (Some(protocol), Some(folder)) = (Protocol::of_release(release), folder) else {
            continue;
        };
        let names = names(&json(&data.join(folder).join("protocol.json"))?)
            .with_context(|| format!("could not read the packets of {release}"))?;
        let before = releases.insert(protocol.0, names.clone());
        ensure!(
            before.is_none_or(|before| before == names),
            "minecraft-data has two tables for protocol {}",
            protocol.0
        );
    }
    Ok((version.to_owned(), releases))
}

fn names(protocol: &Value) -> Result<Names> {
    let mut names = Names::new();
    for state in STATES {
        for (theirs, ours) in DIRECTIONS {
            let Some(packet) = protocol.pointer(&format!("/{state}/{theirs}/types/packet/1")) else {
                continue;
            };
            let fields = packet.as_array().context("a packet is no container")?;
            let name = fields
                .iter()
                .find(|field| field.get("name").is_some_and(|name| name == "name"));
            let mappings = name.and_then(|name| name.pointer("/type/1/mappings")?.as_object());
            for (id, name) in mappings.context("packets have no mapping from ids to names")? {
                let id = u8::from_str_radix(id.trim_start_matches("0x"), 16).with_context(|| format!("id {id}"))?;
                let name = name.as_str().context("a packet's name is no string")?;
                names.insert((state.into(), ours.into(), name.into()), id);
            }
        }
    }
    Ok(names)
}

fn json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("could not read {}", path.display()))
}
