//! What a plugin is: described, made from a configuration, held for the life of an instance.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::thread::LocalKey;

use crate::bindings::lifecycle::exports::portcullis::plugin::lifecycle;
use crate::{Error, Result};

/// A plugin: derive it for a struct.
///
/// ```
/// use portcullis_sdk::prelude::*;
///
/// /// Sends everybody to one place.
/// #[derive(Plugin)]
/// #[plugin(stage = "route", start = "Self::start")]
/// struct Fixed {
///     settings: Settings,
///     names: Vec<String>,
/// }
///
/// #[derive(Config)]
/// struct Settings {
///     /// Where everybody goes.
///     to: ServerOrGroup,
/// }
///
/// impl Fixed {
///     fn start(&mut self) -> Result<()> {
///         self.names.push(self.settings.to.name().to_owned());
///         Ok(())
///     }
/// }
///
/// #[hooks]
/// impl Route for Fixed {
///     fn route(&mut self, _session: &Session) -> RouteVerdict {
///         RouteVerdict::to(&self.names)
///     }
/// }
/// ```
///
/// # The struct
///
/// | `#[plugin(…)]` | Meaning |
/// |---|---|
/// | `stage = "route"` | where the plugin stands in a chain that does not name it, and what its failure means by default: `guard`, `status`, `login`, `route`, `balance`, `forward`, `transform` or `observe` |
/// | `start = "Self::start"` | called once in each instance, when the settings are read; it may return `Result<()>`, and its error refuses the load |
/// | `name = "…"` | the plugin's own name; otherwise the package's |
/// | `summary = "…"` | one line for lists; otherwise the first paragraph of the comment, or the package's description |
///
/// # The fields
///
/// - `settings`, or the field marked `#[plugin(settings)]`, holds the configuration; its type derives [`Config`](crate::Config).
///   Without such a field the plugin takes no configuration, and any is refused.
/// - The field marked `#[plugin(state)]` is handed over in a swap; its type derives [`State`](crate::State). **What is not in
///   this field starts afresh in every swap**, and so does a plugin that has no such field.
/// - All other fields start as their `Default`.
///
/// # Instances
///
/// Each of the host's workers has an instance of its own, so fields are never shared and never locked; what must be known on all
/// workers goes through [`state`](crate::state). When an instance is replaced in good order, or the host stops, the struct
/// is dropped: implement [`Drop`] for last words.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no plugin",
    note = "write `#[derive(Plugin)]` and `#[plugin(stage = \"…\")]` above the struct"
)]
pub trait Plugin: Sized + 'static {
    /// What the host is told when it loads the component.
    #[doc(hidden)]
    const DESCRIPTION: Description;

    /// JSON Schema of the configuration, if there is one.
    #[doc(hidden)]
    fn schema() -> Option<String>;

    /// Makes an instance from the configuration's JSON.
    #[doc(hidden)]
    fn create(config: &str) -> Result<Self>;

    /// What the next instance should know.
    #[doc(hidden)]
    fn save(&self) -> Result<Vec<u8>>;

    /// Takes over what an earlier instance knew.
    #[doc(hidden)]
    fn load(&mut self, version: u32, saved: &[u8]) -> Result<()>;

    /// Where the component keeps its instance.
    #[doc(hidden)]
    fn instance() -> &'static LocalKey<Instance<Self>>;
}

/// A plugin's description, known when it is compiled.
#[derive(Debug)]
pub struct Description {
    /// The plugin's own name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Its place in a chain.
    pub stage: Stage,
    /// What it exports.
    pub hooks: Hooks,
    /// The version of what is handed over, if anything is.
    pub state_version: Option<u32>,
}

pub use lifecycle::Stage;

/// What a field is in a new instance.
#[diagnostic::on_unimplemented(
    message = "nothing says what a `{Self}` is in a new instance",
    label = "the type of this field",
    note = "all fields but `settings` start as their `Default`: write `#[derive(Default)]` above the type, or hold an `Option` of it"
)]
pub trait Afresh: Sized {
    /// The type's `Default`.
    fn afresh() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> Afresh for T {
    fn afresh() -> Self {
        Self::default()
    }
}

/// Every hook by the contract's name, and whether the plugin has it.
#[derive(Clone, Copy, Debug)]
pub struct Hooks(pub &'static [(&'static str, bool)]);

impl Hooks {
    /// Whether there is any.
    pub const fn any(&self) -> bool {
        let mut rest = self.0;
        while let [(_, has), others @ ..] = rest {
            if *has {
                return true;
            }
            rest = others;
        }
        false
    }

    fn list(&self) -> Vec<String> {
        let has = self.0.iter().filter(|(_, has)| *has);
        has.map(|(hook, _)| (*hook).to_owned()).collect()
    }
}

/// The one plugin of a component's instance. A component has one thread, and is never entered while it is in a call.
#[derive(Debug)]
pub struct Instance<P>(RefCell<ManuallyDrop<Option<P>>>);

impl<P> Instance<P> {
    /// No plugin yet. What is here in the end is never dropped by itself: the host says when.
    pub const fn empty() -> Self {
        Self(RefCell::new(ManuallyDrop::new(None)))
    }

    /// Calls the plugin, which the host has initialised before.
    pub(crate) fn with<R>(&self, call: impl FnOnce(&mut P) -> R) -> Option<R> {
        self.0.borrow_mut().as_mut().map(call)
    }

    fn replace(&self, plugin: Option<P>) {
        **self.0.borrow_mut() = plugin;
    }
}

/// The exports of every hook and of `lifecycle`, for the plugin that it names.
#[derive(Debug)]
pub struct Exports<P>(std::marker::PhantomData<P>);

impl<P: Plugin> lifecycle::Guest for Exports<P> {
    fn describe() -> lifecycle::Description {
        let description = P::DESCRIPTION;
        lifecycle::Description {
            name: description.name.to_owned(),
            version: description.version.to_owned(),
            summary: description.summary.to_owned(),
            stage: description.stage,
            hooks: description.hooks.list(),
            config_schema: P::schema(),
            state_version: description.state_version,
        }
    }

    fn init(config: String) -> Result<(), String> {
        crate::log::install();
        let plugin = P::create(&config).map_err(words)?;
        P::instance().with(|instance| instance.replace(Some(plugin)));
        Ok(())
    }

    fn save() -> Vec<u8> {
        let saved = P::instance().with(|instance| instance.with(|plugin| plugin.save()));
        match saved.unwrap_or(Ok(Vec::new())) {
            Ok(saved) => saved,
            // The contract has no other way to say it: the host writes this down, and the next instance starts afresh.
            Err(error) => panic!("{error}"),
        }
    }

    fn load(version: u32, saved: Vec<u8>) -> Result<(), String> {
        let loaded = P::instance().with(|instance| instance.with(|plugin| plugin.load(version, &saved)));
        loaded.unwrap_or(Ok(())).map_err(words)
    }

    fn shutdown() {
        P::instance().with(|instance| instance.replace(None));
    }
}

fn words(error: Error) -> String {
    error.to_string()
}
