//! Whom the SDK's services call: the host's imports, or a test's mock of them, under the same names.

#[cfg(not(feature = "testing"))]
pub(crate) use crate::bindings::granted::portcullis::plugin::{control, http, packets};
#[cfg(not(feature = "testing"))]
pub(crate) use crate::bindings::services::portcullis::plugin::{bucket, clock, log, metrics, random, servers, state};
#[cfg(feature = "testing")]
pub(crate) use crate::testing::imports::{bucket, clock, control, http, log, metrics, packets, random, servers, state};
