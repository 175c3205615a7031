//! Which hooks a plugin has: asked of the compiler, so that the derive and the attribute need not know each other.

use std::marker::PhantomData;

use super::{Accept, Handshake, Route, Sessions, Status};

/// A name for each hook.
pub mod hook {
    /// `accept`
    #[derive(Debug)]
    pub struct Accept;
    /// `handshake`
    #[derive(Debug)]
    pub struct Handshake;
    /// `status`
    #[derive(Debug)]
    pub struct Status;
    /// `route`
    #[derive(Debug)]
    pub struct Route;
    /// `session`
    #[derive(Debug)]
    pub struct Sessions;
}

/// Written by `#[hooks]` beside the export, so that no hook is implemented that the host would never call.
#[diagnostic::on_unimplemented(
    message = "the hook of `{Self}` is not exported, so the host would never call it",
    label = "write `#[hooks]` above this `impl`"
)]
pub trait Exported<Hook> {}

/// Constants that say which hooks `P` has. The inherent ones are found first, where `P` has the trait that they ask for; those of
/// [`WithoutHooks`] otherwise.
#[derive(Debug)]
pub struct Probe<P>(PhantomData<P>);

/// The answer for hooks that a plugin does not have.
pub trait WithoutHooks {
    /// `accept`
    const ACCEPT: bool = false;
    /// `handshake`
    const HANDSHAKE: bool = false;
    /// `status`
    const STATUS: bool = false;
    /// `route`
    const ROUTE: bool = false;
    /// `session`
    const SESSION: bool = false;
}

impl<P> WithoutHooks for Probe<P> {}

impl<P: Accept> Probe<P> {
    /// It has `accept`.
    pub const ACCEPT: bool = true;
}

impl<P: Handshake> Probe<P> {
    /// It has `handshake`.
    pub const HANDSHAKE: bool = true;
}

impl<P: Status> Probe<P> {
    /// It has `status`.
    pub const STATUS: bool = true;
}

impl<P: Route> Probe<P> {
    /// It has `route`.
    pub const ROUTE: bool = true;
}

impl<P: Sessions> Probe<P> {
    /// It has `session`.
    pub const SESSION: bool = true;
}
