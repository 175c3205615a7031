//! `bucket`: the registry's token buckets, in this plugin's namespace.

use portcullis_registry::{Rate, Refusal};

use crate::bindings::portcullis::plugin::bucket;
use crate::context::Context;

impl bucket::Host for Context {
    fn try_acquire(&mut self, key: String, rate: bucket::Rate, tokens: u32) -> Result<(), bucket::Refusal> {
        let rate = Rate {
            capacity: rate.capacity,
            refill_per_second: rate.refill_per_second,
        };
        self.plugin
            .buckets
            .try_acquire(&key, rate, tokens)
            .map_err(|refusal| match refusal {
                Refusal::WaitMs(ms) => bucket::Refusal::WaitMs(ms),
                Refusal::Never => bucket::Refusal::Never,
                Refusal::Quota => bucket::Refusal::Quota,
            })
    }
}
