//! What is known of a player while he is there.

use portcullis_sdk::clock::Instant;

use crate::Reason;
use crate::settings::{Limit, Settings};

#[derive(Debug)]
pub(crate) struct Player {
    pub(crate) chat: Rate,
    pub(crate) commands: Rate,
    pub(crate) tab_completes: Rate,
    /// What he said last, in lower case, and how often in a row.
    last: (String, u32),
    /// What was dropped since he last did well for a while.
    strikes: u32,
    last_strike: Instant,
}

/// Strikes are forgotten when there was none for so long.
const FORGIVEN_AFTER_SECONDS: u64 = 60;

impl Player {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            chat: Rate::new(settings.chat),
            commands: Rate::new(settings.commands),
            tab_completes: Rate::new(settings.tab_complete),
            last: (String::new(), 0),
            strikes: 0,
            last_strike: Instant::now(),
        }
    }

    /// How often this was said in a row, now included.
    pub(crate) fn repeats(&mut self, text: &str) -> u32 {
        let text = text.trim().to_lowercase();
        match &mut self.last {
            (last, times) if *last == text => *times = times.saturating_add(1),
            other => *other = (text, 1),
        }
        self.last.1
    }

    /// One more thing was dropped: how many it is.
    pub(crate) fn strike(&mut self) -> u32 {
        if self.last_strike.elapsed().as_secs() >= FORGIVEN_AFTER_SECONDS {
            self.strikes = 0;
        }
        self.last_strike = Instant::now();
        self.strikes = self.strikes.saturating_add(1);
        self.strikes
    }
}

/// So many at once, and so many a second in the long run.
#[derive(Debug)]
pub(crate) struct Rate {
    limit: Limit,
    tokens: f64,
    filled: Instant,
}

impl Rate {
    fn new(limit: Limit) -> Self {
        Self {
            limit,
            tokens: limit.burst.into(),
            filled: Instant::now(),
        }
    }

    pub(crate) fn take(&mut self) -> Result<(), Reason> {
        let now = Instant::now();
        let inflow = now.since(self.filled).as_secs_f64() * self.limit.per_second;
        self.tokens = (self.tokens + inflow).min(self.limit.burst.into());
        self.filled = now;
        if self.tokens < 1.0 {
            return Err(Reason::Flood);
        }
        self.tokens -= 1.0;
        Ok(())
    }
}
