//! Answers for everything else in WASI, made from the type of the answer: nothing there, or not allowed.

use wasmtime::component::{LinkerInstance, Resource, Val, types};
use wasmtime::{StoreContextMut, bail};

use super::Token;
use crate::context::Context;

/// Error cases that say it best, the best first.
const REFUSALS: [&str; 6] = [
    "access-denied",
    "access",
    "not-permitted",
    "not-supported",
    "unsupported",
    "closed",
];

/// Defines a function that answers with nothing, or refuses; or one that traps where its type has no such answer.
pub(super) fn function(
    linker: &mut LinkerInstance<'_, Context>,
    interface: &str,
    name: &str,
    ty: &types::ComponentFunc,
) -> wasmtime::Result<()> {
    let answers: Vec<Answer> = ty.results().map(|ty| Answer::of(&ty)).collect();
    let called = format!("{interface} {name}");
    linker.func_new(name, move |mut store, _, parameters, results| {
        // What the guest lent or gave is the host's to let go of.
        for parameter in parameters {
            if let Val::Resource(token) = parameter {
                token.resource_drop(&mut store)?;
            }
        }
        for (answer, result) in answers.iter().zip(results) {
            *result = answer.make(&mut store, &called)?;
        }
        // `exit` is the one function that nobody expects to return from.
        if called.starts_with("wasi:cli/exit") {
            bail!("the plugin called exit");
        }
        Ok(())
    })
}

enum Answer {
    Value(Val),
    Token,
    None,
}

impl Answer {
    fn of(ty: &types::Type) -> Self {
        match ty {
            types::Type::Own(_) => Self::Token,
            other => nothing(other).map_or(Self::None, Self::Value),
        }
    }

    fn make(&self, store: &mut StoreContextMut<'_, Context>, called: &str) -> wasmtime::Result<Val> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::Token => Ok(Val::Resource(
                Resource::<Token>::new_own(0).try_into_resource_any(store)?,
            )),
            Self::None => bail!("a plugin may not call {called}"),
        }
    }
}

/// The emptiest value of a type.
fn nothing(ty: &types::Type) -> Option<Val> {
    Some(match ty {
        types::Type::Bool => Val::Bool(false),
        types::Type::U8 => Val::U8(0),
        types::Type::U16 => Val::U16(0),
        types::Type::U32 => Val::U32(0),
        types::Type::U64 => Val::U64(0),
        types::Type::String => Val::String(String::new()),
        types::Type::List(_) => Val::List(Vec::new()),
        types::Type::Option(_) => Val::Option(None),
        types::Type::Result(result) => Val::Result(match result.err() {
            Some(error) => Err(Some(Box::new(refusal(&error)?))),
            None => Err(None),
        }),
        _ => return None,
    })
}

fn refusal(ty: &types::Type) -> Option<Val> {
    match ty {
        types::Type::Enum(cases) => {
            let names: Vec<_> = cases.names().collect();
            let best = REFUSALS.iter().find(|name| names.contains(name)).or(names.first())?;
            Some(Val::Enum((*best).to_owned()))
        }
        types::Type::Variant(cases) => {
            let plain: Vec<_> = cases
                .cases()
                .filter(|case| case.ty.is_none())
                .map(|case| case.name)
                .collect();
            let best = REFUSALS.iter().find(|name| plain.contains(name)).or(plain.first())?;
            Some(Val::Variant((*best).to_owned(), None))
        }
        other => nothing(other),
    }
}
