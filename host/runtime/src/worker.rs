//! A worker's own instances, and the chains that ask them. Lives on one network thread; nothing here waits or locks.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use portcullis_config::{OnFailure, PluginName};
use portcullis_registry::Session;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::control::Command;
use crate::error::{Failure, FailureKind};
use crate::hook::Hook;
use crate::instance::Instance;
use crate::load::Load;
use crate::outcome::{Accept, By, End, HandshakeOutcome, Mode, Refusal, RouteOutcome, StatusOutcome, Tally};
use crate::plan::{ListenerChain, Plan};
use crate::swap::{Incoming, Message, Saved};
use crate::verdict;

/// One worker's plugins. Made on the control thread, then moved to the worker's and used there only.
pub struct WorkerPlugins {
    index: usize,
    live: RefCell<Live>,
    generation: Cell<u64>,
    inbox: RefCell<Option<UnboundedReceiver<Message>>>,
    control: Sender<Command>,
}

#[derive(Default)]
struct Live {
    plan: Arc<Plan>,
    /// Beside the plan's loads; none where an instance failed and its successor is not there yet.
    instances: Vec<Option<Instance>>,
}

/// What a link's verdict means for the chain.
enum Step<O> {
    Next,
    Final(O),
    /// The verdict broke a rule that shows only when it is applied.
    Bad(String),
}

impl WorkerPlugins {
    pub(crate) fn new(index: usize, inbox: UnboundedReceiver<Message>, control: Sender<Command>) -> Self {
        Self {
            index,
            live: RefCell::default(),
            generation: Cell::new(0),
            inbox: RefCell::new(Some(inbox)),
            control,
        }
    }

    /// Takes over new generations and rebuilt instances, each between two calls. Spawn it once on the worker's own thread;
    /// it ends when the runtime is gone or stopped.
    pub async fn run(self: Rc<Self>) {
        let Some(mut inbox) = self.inbox.borrow_mut().take() else {
            return;
        };
        while let Some(message) = inbox.recv().await {
            self.receive(message);
        }
    }

    /// Number of the plan in force; it changes with any plugin or chain.
    pub fn generation(&self) -> u64 {
        self.generation.get()
    }

    /// Linear memory of this worker's instance of a plugin; nothing where it has none.
    pub(crate) fn memory_bytes(&self, plugin: &PluginName) -> Option<usize> {
        let live = self.live.borrow();
        let at = live.plan.loads.iter().position(|load| load.plugin.name == *plugin)?;
        Some(live.instances.get(at)?.as_ref()?.memory_bytes())
    }

    /// Asks the `accept` hooks.
    pub fn accept(&self, chain: &ListenerChain, session: &Arc<Session>) -> Accept {
        let decided = self.ask(
            chain,
            session,
            Hook::Accept,
            |instance| instance.accept(session),
            |verdict, by| match verdict {
                verdict::Accept::Next => Step::Next,
                verdict::Accept::Drop => Step::Final(Accept::Drop(by.clone())),
                verdict::Accept::Tarpit(time) => Step::Final(Accept::Tarpit(time, by.clone())),
            },
        );
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict) => Accept::Admit,
            Err(refusal) => Accept::Refuse(refusal),
        }
    }

    /// Asks the `handshake` hooks, and applies rewritten hosts and tags to the session.
    pub fn handshake(&self, chain: &ListenerChain, session: &Arc<Session>) -> HandshakeOutcome {
        let mode = Cell::new(Mode::default());
        let decided = self.ask(
            chain,
            session,
            Hook::Handshake,
            |instance| instance.handshake(session),
            |verdict, by| match verdict {
                verdict::Handshake::Next => Step::Next,
                verdict::Handshake::RewriteHost(host) => {
                    session.rewrite_host(host);
                    Step::Next
                }
                verdict::Handshake::Tag(attributes) => match session.set_attributes(&attributes) {
                    Ok(()) => Step::Next,
                    Err(error) => Step::Bad(format!("tag with attributes that do not fit: {error}")),
                },
                verdict::Handshake::UseMode(chosen) => {
                    mode.set(chosen);
                    Step::Next
                }
                verdict::Handshake::Disconnect(text) => Step::Final(HandshakeOutcome::Disconnect(text, by.clone())),
                verdict::Handshake::Drop => Step::Final(HandshakeOutcome::Drop(by.clone())),
            },
        );
        match decided {
            Ok(outcome) => outcome,
            Err(Refusal::NoVerdict) => HandshakeOutcome::Continue(mode.get()),
            Err(refusal) => HandshakeOutcome::Refuse(refusal),
        }
    }

    /// Asks the `status` hooks.
    pub fn status(&self, chain: &ListenerChain, session: &Arc<Session>) -> StatusOutcome {
        self.ask(
            chain,
            session,
            Hook::Status,
            |instance| instance.status(session),
            |verdict, by| match verdict {
                verdict::Status::Next => Step::Next,
                verdict::Status::Answer(answer) => Step::Final(StatusOutcome::Answer(answer, by.clone())),
                verdict::Status::Passthrough(ask) => Step::Final(StatusOutcome::Passthrough(ask, by.clone())),
                verdict::Status::Drop => Step::Final(StatusOutcome::Drop(by.clone())),
            },
        )
        .unwrap_or_else(StatusOutcome::Refuse)
    }

    /// Asks the `route` hooks.
    pub fn route(&self, chain: &ListenerChain, session: &Arc<Session>) -> RouteOutcome {
        self.ask(
            chain,
            session,
            Hook::Route,
            |instance| instance.route(session),
            |verdict, by| match verdict {
                verdict::Route::Next => Step::Next,
                verdict::Route::To(targets) => Step::Final(RouteOutcome::To(targets, by.clone())),
                verdict::Route::Disconnect(text) => Step::Final(RouteOutcome::Disconnect(text, by.clone())),
                verdict::Route::Drop => Step::Final(RouteOutcome::Drop(by.clone())),
            },
        )
        .unwrap_or_else(RouteOutcome::Refuse)
    }

    /// Tells the `session` hooks, in order, that a server accepted the player.
    pub fn joined(&self, chain: &ListenerChain, session: &Arc<Session>, server: &str) {
        let Live { plan, instances } = &mut *self.live.borrow_mut();
        for link in plan.links(chain, Hook::Session).unwrap_or_default() {
            self.tell(plan, instances, *link, |instance| instance.joined(session, server));
        }
    }

    /// Tells the `session` hooks, in reverse order, how a session ended. Once for each `joined`.
    pub fn left(&self, chain: &ListenerChain, session: &Arc<Session>, server: &str, end: &End, tally: Tally) {
        let Live { plan, instances } = &mut *self.live.borrow_mut();
        for link in plan.links(chain, Hook::Session).unwrap_or_default().iter().rev() {
            self.tell(plan, instances, *link, |instance| {
                instance.left(session, server, end, tally)
            });
        }
    }

    /// Asks link by link until one decides. `NoVerdict` when none does.
    fn ask<V, O>(
        &self,
        chain: &ListenerChain,
        session: &Session,
        hook: Hook,
        call: impl Fn(&mut Instance) -> Result<V, Failure>,
        weigh: impl Fn(V, &By) -> Step<O>,
    ) -> Result<O, Refusal> {
        let Live { plan, instances } = &mut *self.live.borrow_mut();
        let Some(links) = plan.links(chain, hook) else {
            return Err(Refusal::EmptyChain);
        };
        for link in links {
            let (Some(load), Some(slot)) = (plan.loads.get(*link), instances.get_mut(*link)) else {
                continue;
            };
            let by = &load.by;
            let step = slot
                .as_mut()
                .map(|instance| match call(instance).map(|verdict| weigh(verdict, by)) {
                    Ok(Step::Bad(reason)) => {
                        instance.roll_back(session);
                        Err(Failure {
                            kind: FailureKind::BadReturn,
                            detail: format!("it returned {reason}"),
                        })
                    }
                    other => other,
                });
            match step {
                Some(Ok(Step::Final(outcome))) => return Ok(outcome),
                Some(Ok(_)) => continue,
                Some(Err(failure)) => self.discard(load, slot, hook, failure),
                None => {}
            }
            if load.on_failure() == OnFailure::Closed {
                return Err(Refusal::PluginFailed(by.clone()));
            }
        }
        Err(Refusal::NoVerdict)
    }

    /// Tells one link something. Its failure is its own affair.
    fn tell(
        &self,
        plan: &Plan,
        instances: &mut [Option<Instance>],
        link: usize,
        call: impl FnOnce(&mut Instance) -> Result<(), Failure>,
    ) {
        let (Some(load), Some(slot)) = (plan.loads.get(link), instances.get_mut(link)) else {
            return;
        };
        if let Some(Err(failure)) = slot.as_mut().map(call) {
            self.discard(load, slot, Hook::Session, failure);
        }
    }

    /// Drops a failed instance and asks for another.
    fn discard(&self, load: &Load, slot: &mut Option<Instance>, hook: Hook, failure: Failure) {
        *slot = None;
        load.shared.meters.trap(failure.kind);
        load.shared.meters.memory(self.index).set(0);
        // No receiver: the host is stopping.
        let _ = self.control.send(Command::Failed {
            load: load.id,
            worker: self.index,
            hook,
            failure,
        });
    }

    fn receive(&self, message: Message) {
        let live = &mut *self.live.borrow_mut();
        let mut installed = None;
        match message {
            Message::Save { load, reply } => {
                let _ = reply.send(self.save(live, load));
            }
            Message::Install { plan, incoming, reply } => {
                self.install(live, plan, incoming);
                installed = Some(reply);
            }
            Message::Replace { load, mut instance } => {
                if let Some(at) = live.plan.loads.iter().position(|known| known.id == load)
                    && let Some(slot @ None) = live.instances.get_mut(at)
                {
                    instance.assign(self.index);
                    *slot = Some(*instance);
                }
            }
            Message::Discard { load } => {
                if let Some(at) = live.plan.loads.iter().position(|known| known.id == load)
                    && let Some(slot) = live.instances.get_mut(at)
                {
                    *slot = None;
                }
            }
        }
        self.report_memory(live);
        // Last: who waits for it may look at the numbers next.
        if let Some(reply) = installed {
            let _ = reply.send(());
        }
    }

    fn save(&self, live: &mut Live, load: u64) -> Option<Saved> {
        let at = live.plan.loads.iter().position(|known| known.id == load)?;
        let (load, slot) = (live.plan.loads.get(at)?, live.instances.get_mut(at)?);
        let instance = slot.as_mut()?;
        match instance.save() {
            Ok(bytes) => Some(Saved {
                bytes,
                calls: instance.calls(),
            }),
            Err(failure) => {
                self.discard(load, slot, Hook::Session, failure);
                None
            }
        }
    }

    /// Replaces the plan. Instances of loads that stay are moved; new ones come ready-made.
    fn install(&self, live: &mut Live, plan: Arc<Plan>, mut incoming: Vec<Incoming>) {
        let mut old: Vec<(u64, Option<Instance>)> = live
            .plan
            .loads
            .iter()
            .map(|load| load.id)
            .zip(live.instances.drain(..))
            .collect();
        let mut take = |id: u64| {
            old.iter_mut()
                .find(|(known, _)| *known == id)
                .and_then(|(_, slot)| slot.take())
        };
        let mut retired = Vec::new();
        let instances = plan
            .loads
            .iter()
            .map(|load| {
                let Some(at) = incoming.iter().position(|new| new.load == load.id) else {
                    return take(load.id);
                };
                let new = incoming.swap_remove(at);
                let mut previous = new.replaces.and_then(&mut take);
                let (mut instance, unused) = new.settle(previous.as_mut());
                instance.assign(self.index);
                retired.extend(previous.into_iter().chain(unused));
                Some(instance)
            })
            .collect();
        retired.extend(old.into_iter().filter_map(|(_, slot)| slot));
        for instance in retired {
            if let Err(failure) = instance.shutdown() {
                tracing::warn!(
                    reason = failure.detail,
                    "a plugin's `shutdown` failed; its successor is in place"
                );
            }
        }
        self.generation.set(plan.generation);
        *live = Live { plan, instances };
    }

    fn report_memory(&self, live: &Live) {
        for (load, instance) in live.plan.loads.iter().zip(&live.instances) {
            let bytes = instance.as_ref().map_or(0, Instance::memory_bytes);
            load.shared
                .meters
                .memory(self.index)
                .set(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }
}
