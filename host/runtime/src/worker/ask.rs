//! How a chain is asked: link by link, and on failures as each link's policy has it.

use portcullis_config::OnFailure;
use portcullis_protocol::packets::Direction;
use portcullis_registry::Session;

use super::{Live, WorkerPlugins};
use crate::error::Failure;
use crate::hook::Hook;
use crate::instance::Instance;
use crate::outcome::{By, Refusal};
use crate::plan::{ListenerChain, Plan};

/// In which order the links of a chain are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From client to server: as configured.
    There,
    /// From server to client: in reverse.
    Back,
}

impl From<Direction> for Way {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Serverbound => Self::There,
            Direction::Clientbound => Self::Back,
        }
    }
}

/// What a link's verdict means for the chain.
pub(super) enum Step<O> {
    Next,
    Final(O),
    /// The verdict broke a rule that shows only when it is applied.
    Bad(String),
}

impl WorkerPlugins {
    /// Asks link by link until one decides. `NoVerdict` when none does.
    pub(super) fn ask<O>(
        &self,
        chain: &ListenerChain,
        session: &Session,
        hook: Hook,
        way: Way,
        mut ask: impl FnMut(&mut Instance, &By) -> Result<Step<O>, Failure>,
    ) -> Result<O, Refusal> {
        let Live { plan, instances } = &mut *self.live.borrow_mut();
        let links = plan.links(chain, hook).ok_or(Refusal::EmptyChain)?;
        let links = links.iter().map(|link| (*link, ()));
        let ask = |instance: &mut Instance, (), by: &By| ask(instance, by);
        match way {
            Way::There => self.along((plan, instances), session, hook, links, ask),
            Way::Back => self.along((plan, instances), session, hook, links.rev(), ask),
        }
    }

    /// The same along these links, each with what its call is told beside.
    pub(super) fn along<T, O>(
        &self,
        (plan, instances): (&Plan, &mut [Option<Instance>]),
        session: &Session,
        hook: Hook,
        links: impl Iterator<Item = (usize, T)>,
        mut ask: impl FnMut(&mut Instance, T, &By) -> Result<Step<O>, Failure>,
    ) -> Result<O, Refusal> {
        let own = &mut *self.own.borrow_mut();
        own.clear();
        for (link, told) in links {
            let (Some(load), Some(slot)) = (plan.loads.get(link), instances.get_mut(link)) else {
                continue;
            };
            let by = &load.by;
            let step = slot.as_mut().map(|instance| match ask(instance, told, by)? {
                Step::Bad(reason) => {
                    instance.roll_back(session);
                    Err(Failure::bad_return(reason))
                }
                step => {
                    instance.commit(own);
                    Ok(step)
                }
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

    /// Tells every link of a chain something. Their failures are their own affair.
    pub(super) fn tell(
        &self,
        chain: &ListenerChain,
        hook: Hook,
        way: Way,
        mut call: impl FnMut(&mut Instance) -> Result<(), Failure>,
    ) {
        let Live { plan, instances } = &mut *self.live.borrow_mut();
        let own = &mut *self.own.borrow_mut();
        own.clear();
        let mut tell = |link: &usize| {
            let (Some(load), Some(slot)) = (plan.loads.get(*link), instances.get_mut(*link)) else {
                return;
            };
            let told = slot.as_mut().map(|instance| {
                call(instance)?;
                instance.commit(own);
                Ok(())
            });
            if let Some(Err(failure)) = told {
                self.discard(load, slot, hook, failure);
            }
        };
        let links = plan.links(chain, hook).unwrap_or_default();
        match way {
            Way::There => links.iter().for_each(&mut tell),
            Way::Back => links.iter().rev().for_each(&mut tell),
        }
    }
}
