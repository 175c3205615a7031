//! Takes players' names as they are: offline mode, with rules for names.
//!
//! - It acts for the hosts that it is told, or for all; others are left to later links.
//! - A name that breaks a rule is turned away before any server hears of it. The host has checked before that it is 1 to 16 printable
//!   ASCII characters.
//! - Nobody has verified these names: what must not be taken by strangers is `reserved`.

mod rules;

use portcullis_sdk::hosts::HostPattern;
use portcullis_sdk::prelude::*;

use crate::rules::{Broken, Characters};

/// Takes players' names as they are, by rules.
#[derive(Plugin)]
#[plugin(stage = "login")]
pub struct AuthOffline {
    settings: Settings,
}

#[derive(Config, Debug)]
#[config(check = "Self::check")]
struct Settings {
    /// Only players who ask for one of these hosts; later plugins are asked about the others. Absent: all players.
    #[config(min_items = 1, max_items = 1000)]
    hosts: Option<Vec<HostPattern>>,
    /// The characters that names are made of: single ones and ranges, as in `a-zA-Z0-9_`.
    #[config(default = "a-zA-Z0-9_")]
    characters: Characters,
    /// Fewest characters of a name.
    #[config(default = 3, range(1..=16))]
    min_length: u8,
    /// Most characters of a name.
    #[config(default = 16, range(1..=16))]
    max_length: u8,
    /// Names that nobody gets, whatever their case; `*` stands for any run of characters, `?` for one.
    #[config(default = [], max_items = 1000)]
    reserved: Vec<HostPattern>,
    /// Markup shown to players whose name breaks a rule.
    #[config(default = "<red>This name cannot be used here.")]
    denied_text: Text,
    /// Markup shown to players whose name is reserved.
    #[config(default = "<red>This name is taken.")]
    reserved_text: Text,
}

impl Settings {
    fn check(&self) -> Result<(), &'static str> {
        match self.min_length > self.max_length {
            true => Err("has a `min-length` above its `max-length`"),
            false => Ok(()),
        }
    }

    fn is_for(&self, host: &str) -> bool {
        let hosts = self.hosts.as_ref();
        hosts.is_none_or(|hosts| hosts.iter().any(|pattern| pattern.fit(host).is_some()))
    }

    fn judge(&self, name: &str) -> Result<(), Broken> {
        let lengths = usize::from(self.min_length)..=usize::from(self.max_length);
        if !lengths.contains(&name.len()) {
            return Err(Broken::Length);
        }
        if !self.characters.make(name) {
            return Err(Broken::Characters);
        }
        let lower = name.to_ascii_lowercase();
        match self.reserved.iter().any(|pattern| pattern.fit(&lower).is_some()) {
            true => Err(Broken::Reserved),
            false => Ok(()),
        }
    }
}

/// Names turned away, by the rule that they break.
static DENIED: Counter<1> = Counter::new("denied_total", ["rule"]);

#[hooks]
impl Login for AuthOffline {
    fn claim(&mut self, session: &Session, claim: &Claim) -> ClaimVerdict {
        if !self.settings.is_for(session.host()) {
            return ClaimVerdict::Next;
        }
        match self.settings.judge(&claim.name) {
            Ok(()) => ClaimVerdict::ForceOffline,
            Err(broken) => {
                DENIED.add(1, [broken.label()]);
                ClaimVerdict::Deny(match broken {
                    Broken::Reserved => self.settings.reserved_text.clone(),
                    _ => self.settings.denied_text.clone(),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests;
