//! A mock host in the same process, for tests of plugins: natively and as a component alike.
//!
//! Ask for it in `[dev-dependencies]`; a component that is built without its tests has none of it:
//!
//! ```toml
//! [dependencies]
//! portcullis-sdk = "0.1"
//!
//! [dev-dependencies]
//! portcullis-sdk = { version = "0.1", features = ["testing"] }
//! ```
//!
//! Servers, sessions, players, answers from the web and the passage of time are scripted; state, buckets, metrics and attributes
//! keep the rules and the bounds of the real host; orders and packets of the plugin's own are recorded; verdicts that the host
//! would refuse fail the test.
//!
//! ```
//! use portcullis_sdk::prelude::*;
//! use portcullis_sdk::testing::Host;
//!
//! /// Sends everybody to one place.
//! #[derive(Plugin)]
//! #[plugin(stage = "route")]
//! struct Fixed {
//!     settings: Settings,
//! }
//!
//! #[derive(Config)]
//! struct Settings {
//!     /// Where everybody goes.
//!     to: ServerOrGroup,
//! }
//!
//! #[hooks]
//! impl Route for Fixed {
//!     fn route(&mut self, session: &Session) -> RouteVerdict {
//!         info!("{} came", session.claimed_name().unwrap_or("somebody"));
//!         RouteVerdict::to([&self.settings.to])
//!     }
//! }
//!
//! let host = Host::new();
//! host.server("lobby-1").group("lobby");
//! let mut plugin = host.start::<Fixed>("to = 'lobby'");
//! let session = Session::build().host("play.example.com").name("Ada").at_route();
//! assert_eq!(plugin.route(&session), RouteVerdict::to(["lobby"]));
//! assert_eq!(host.logs()[0].to_string(), "INFO Ada came");
//! assert!(host.try_start::<Fixed>("too = 'lobby'").is_err());
//! ```
//!
//! Each thread has a host of its own, and [`Host::new`] starts anew.

mod builder;
mod calls;
mod checks;
mod configuration;
mod host;
pub(crate) mod imports;
mod log_line;
mod numbers;
mod orders;
mod players;
mod running;
mod script;
mod sent;
mod session;
mod store;
mod tokens;
mod web;
mod world;

pub use self::builder::SessionBuilder;
pub use self::host::Host;
pub use self::log_line::LogLine;
pub use self::orders::{Order, Ordered};
pub use self::players::PlayerScript;
pub use self::running::Running;
pub use self::script::ServerScript;
pub use self::sent::SentPacket;
pub(crate) use self::session::MockSession;
