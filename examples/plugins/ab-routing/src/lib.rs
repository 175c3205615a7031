//! Sends a share of the players to another place, the same players each time.
//!
//! Teaches: a decision that needs no memory. A player's name and the name of the experiment make a number from 0 to 99; below
//! `share`, the player is of group B. So every worker and every proxy decides alike, before and after any restart, and who is in B at
//! 10 % still is at 20 %.

use portcullis_sdk::prelude::*;

/// Players sent to either place.
static SENT: Counter<1> = Counter::new("sent_total", ["group"]);

/// The attribute in which later links find the group.
pub const GROUP: &str = "ab-group";

/// Sends a share of the players to another place.
#[derive(Plugin)]
#[plugin(stage = "route")]
pub struct AbRouting {
    settings: Settings,
}

#[derive(Config)]
struct Settings {
    /// Changes who is of which group.
    experiment: String,
    /// Players of group B, in per cent.
    #[config(range(0..=100))]
    share: u8,
    /// Where group A goes; absent: wherever later links say.
    a: Option<ServerOrGroup>,
    /// Where group B goes.
    b: ServerOrGroup,
}

#[hooks]
impl Route for AbRouting {
    fn route(&mut self, session: &Session) -> Result<RouteVerdict> {
        let name = session.claimed_name().unwrap_or_default();
        let (group, place) = if draw(&self.settings.experiment, name) < self.settings.share {
            ("b", Some(&self.settings.b))
        } else {
            ("a", self.settings.a.as_ref())
        };
        SENT.add(1, [group]);
        session.set_attribute(GROUP, group)?;
        Ok(place.map_or(RouteVerdict::Next, |place| RouteVerdict::to([place])))
    }
}

/// A number from 0 to 99 that depends on nothing else: FNV-1a, 64 bits, folded so that all of them count.
fn draw(experiment: &str, name: &str) -> u8 {
    let words = experiment
        .bytes()
        .chain([0])
        .chain(name.bytes().map(|byte| byte.to_ascii_lowercase()));
    let hash = words.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // Below 100.
    ((hash ^ (hash >> 32)) % 100) as u8
}

#[cfg(test)]
mod tests {
    use portcullis_sdk::testing::Host;

    use super::*;

    fn of_group_b(experiment: &str, share: u8) -> Vec<u32> {
        let is_b = |player: &u32| draw(experiment, &format!("Player{player}")) < share;
        (0..10_000).filter(is_b).collect()
    }

    #[test]
    fn the_share_is_about_right_and_only_grows() {
        let (tenth, fifth) = (of_group_b("menu", 10), of_group_b("menu", 20));
        assert!((900..1_100).contains(&tenth.len()), "{}", tenth.len());
        assert!(tenth.iter().all(|player| fifth.contains(player)));
        assert_ne!(tenth, of_group_b("shop", 10));
        assert!(of_group_b("menu", 0).is_empty());
        assert_eq!(of_group_b("menu", 100).len(), 10_000);
    }

    #[test]
    fn either_group_goes_to_its_place_and_is_counted() {
        let host = Host::new();
        host.server("old");
        host.server("new");
        let session = || Session::build().name("Ada").at_route();
        let mut all = host.start::<AbRouting>("experiment = 'menu'\nshare = 100\na = 'old'\nb = 'new'");
        assert_eq!(all.route(&session()), RouteVerdict::to(["new"]));
        let mut none = host.start::<AbRouting>("experiment = 'menu'\nshare = 0\nb = 'new'");
        let asked = session();
        assert_eq!(none.route(&asked), RouteVerdict::Next);
        assert_eq!(asked.attribute(GROUP).as_deref(), Some("a"));
        assert_eq!(host.metric_with("sent_total", [("group", "b")]), 1.0);
    }
}
