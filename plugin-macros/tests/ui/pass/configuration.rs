//! Every form of a configuration.
#![deny(warnings)]

use std::collections::BTreeMap;
use std::time::Duration;

use portcullis_sdk::config::Config;
use portcullis_sdk::hosts::{HostPattern, HostTable, Template};
use portcullis_sdk::prelude::{ByteSize, Cidr, OneOrMany, ServerOrGroup, Text};

#[derive(Config)]
#[config(exactly_one(to, text), check = "Self::check")]
pub struct Settings {
    pub flag: bool,
    #[config(range(-5..=5))]
    pub small: i8,
    #[config(range(0.5..))]
    pub share: f64,
    #[config(one_of("eu", "us"))]
    pub region: String,
    #[config(default = "5s", range("1s"..="1h"))]
    pub keep: Duration,
    #[config(default = "64KiB")]
    pub size: ByteSize,
    #[config(default = ["10.0.0.0/8"], max_items = 3)]
    pub networks: Vec<Cidr>,
    pub pattern: HostPattern,
    #[config(default)]
    pub routes: HostTable<Route>,
    pub to: Option<OneOrMany<ServerOrGroup>>,
    #[config(rename = "message")]
    pub text: Option<Text>,
    #[config(default)]
    pub by_name: BTreeMap<String, Choice>,
    #[config(flatten)]
    pub more: More,
    pub r#type: Kind,
}

#[derive(Config)]
pub struct Route {
    pub to: Template,
}

#[derive(Config)]
pub struct More {
    pub depth: Option<Box<More2>>,
}

#[derive(Config)]
pub struct More2 {}

#[derive(Config)]
pub enum Kind {
    Plain,
    #[config(rename = "other")]
    NotPlain,
}

#[derive(Config)]
pub enum Choice {
    Drop,
    Disconnect(Text),
    #[config(with_key = "to")]
    Send(Route),
    #[config(untagged)]
    Number(u16),
}

#[derive(Config)]
#[config(try_from = "u16")]
pub struct Port(pub u16);

impl TryFrom<u16> for Port {
    type Error = &'static str;

    fn try_from(port: u16) -> Result<Self, &'static str> {
        if port == 0 { Err("0 is no port") } else { Ok(Self(port)) }
    }
}

impl Settings {
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

fn main() {
    portcullis_sdk::config::schema::<Settings>();
    portcullis_sdk::config::schema::<Port>();
}
