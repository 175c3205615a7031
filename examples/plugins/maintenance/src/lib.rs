//! Tells everybody that the network is being worked on, for as long as its file is there.
//!
//! Teaches: one plugin with two hooks, and a switch that needs no restart. Put the component into the plugin folder, and
//! maintenance begins; take it away, and it is over. Those who play go on playing. Because it guards, it comes before
//! the plugins that would let people in, without being named in a chain.

use portcullis_sdk::prelude::*;

/// Fits no client, so that server lists show the text in place of the number of players.
const NO_VERSION: i32 = -1;

/// Tells everybody that the network is being worked on.
#[derive(Plugin)]
#[plugin(stage = "guard")]
pub struct Maintenance {
    settings: Settings,
}

#[derive(Config)]
struct Settings {
    /// Shown in server lists.
    #[config(default = "<gold>Maintenance</gold><newline><gray>We are back soon.")]
    description: Text,
    /// Shown in place of the number of players.
    #[config(default = "Maintenance")]
    version_text: String,
    /// Shown to players who try to join.
    #[config(default = "<gold>Maintenance.</gold> We are back soon.")]
    text: Text,
    /// Networks of those who do the work: for them nothing changes.
    #[config(default)]
    staff: Vec<Cidr>,
}

impl Maintenance {
    fn is_staff(&self, session: &Session) -> bool {
        self.settings
            .staff
            .iter()
            .any(|network| network.contains(session.peer().ip()))
    }
}

#[hooks]
impl Status for Maintenance {
    fn status(&mut self, session: &Session) -> StatusVerdict {
        if self.is_staff(session) {
            return StatusVerdict::Next;
        }
        StatusAnswer::new(self.settings.description.clone())
            .version(&self.settings.version_text, NO_VERSION)
            .maximum(0)
            .into()
    }
}

#[hooks]
impl Route for Maintenance {
    fn route(&mut self, session: &Session) -> RouteVerdict {
        if self.is_staff(session) {
            return RouteVerdict::Next;
        }
        RouteVerdict::disconnect(self.settings.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use portcullis_sdk::testing::Host;

    use super::*;

    #[test]
    fn players_are_told_in_the_list_and_at_the_door() {
        let mut plugin = Host::new().start::<Maintenance>("text = 'Later'\ndescription = 'Closed'");
        assert_eq!(
            plugin.route(&Session::build().at_route()),
            RouteVerdict::disconnect("Later")
        );
        let StatusVerdict::Answer(answer) = plugin.status(&Session::build().at_status()) else {
            panic!("there is an answer");
        };
        assert_eq!(answer.description, Text::markup("Closed"));
        assert_eq!(answer.protocol, Some(NO_VERSION));
    }

    #[test]
    fn staff_does_not_notice() {
        let mut plugin = Host::new().start::<Maintenance>("staff = ['203.0.113.0/24']");
        let staff = || Session::build().peer("203.0.113.7:4000");
        assert_eq!(plugin.route(&staff().at_route()), RouteVerdict::Next);
        assert_eq!(plugin.status(&staff().at_status()), StatusVerdict::Next);
    }
}
