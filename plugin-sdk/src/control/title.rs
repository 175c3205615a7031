//! A title: large text in the middle of the screen.

use std::time::Duration;

use crate::Text;
use crate::bindings::granted::portcullis::plugin::control as contract;

/// A tick of the game in milliseconds: titles count in them.
const TICK_MS: u64 = 50;

/// What clients do unless told otherwise.
const FADE_IN: Duration = Duration::from_millis(500);
const STAY: Duration = Duration::from_millis(3_500);
const FADE_OUT: Duration = Duration::from_millis(1_000);

/// A title: large text in the middle of the screen (1.8 and later).
///
/// ```
/// use std::time::Duration;
///
/// use portcullis_sdk::control::Title;
///
/// let title = Title::new("<red>Restart").subtitle("in a minute").stay(Duration::from_secs(5));
/// assert_eq!(title.stay, Duration::from_secs(5));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Title {
    /// The large text.
    pub title: Option<Text>,
    /// The smaller one below.
    pub subtitle: Option<Text>,
    /// How long it takes to appear, in steps of 50 ms.
    pub fade_in: Duration,
    /// How long it can be read.
    pub stay: Duration,
    /// How long it takes to disappear.
    pub fade_out: Duration,
}

impl Title {
    /// A title of this text, markup unless it is a [`Text`]: half a second to appear, three and a half to be read, one to disappear.
    ///
    /// ```
    /// assert!(portcullis_sdk::control::Title::new("Hello").subtitle.is_none());
    /// ```
    pub fn new(title: impl Into<Text>) -> Self {
        Self {
            title: Some(title.into()),
            subtitle: None,
            fade_in: FADE_IN,
            stay: STAY,
            fade_out: FADE_OUT,
        }
    }

    /// A smaller text below.
    ///
    /// ```
    /// assert!(portcullis_sdk::control::Title::new("Hello").subtitle("Ada").subtitle.is_some());
    /// ```
    #[must_use]
    pub fn subtitle(mut self, subtitle: impl Into<Text>) -> Self {
        self.subtitle = Some(subtitle.into());
        self
    }

    /// To be read for so long.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let title = portcullis_sdk::control::Title::new("Hello").stay(Duration::from_secs(10));
    /// assert_eq!(title.stay.as_secs(), 10);
    /// ```
    #[must_use]
    pub fn stay(mut self, stay: Duration) -> Self {
        self.stay = stay;
        self
    }
}

impl From<Title> for contract::Title {
    fn from(title: Title) -> Self {
        Self {
            title: title.title,
            subtitle: title.subtitle,
            fade_in: ticks(title.fade_in),
            stay: ticks(title.stay),
            fade_out: ticks(title.fade_out),
        }
    }
}

/// For the mock host, which shows what was ordered as it was ordered.
#[cfg(feature = "testing")]
impl From<contract::Title> for Title {
    fn from(title: contract::Title) -> Self {
        let time = |ticks: u32| Duration::from_millis(u64::from(ticks) * TICK_MS);
        Self {
            title: title.title,
            subtitle: title.subtitle,
            fade_in: time(title.fade_in),
            stay: time(title.stay),
            fade_out: time(title.fade_out),
        }
    }
}

fn ticks(time: Duration) -> u32 {
    u32::try_from(time.as_millis() / u128::from(TICK_MS)).unwrap_or(u32::MAX)
}
