//! Every fixture has tests: this module does not compile when one has none.

use crate::chains::{empty, facts, observes, tags};
use crate::hand_over::{counts_v1, counts_v2, lies_about_state};
use crate::http_requests::fetches;
use crate::loading::{imports_unknown, init_fails, init_traps, lies_about_hooks, slow_init, wrong_version};
use crate::logins::logs_in;
use crate::misbehaviour::{allocates, floods_log, garbage, loops, traps, waits};
use crate::numbers::bench;
use crate::on_sdk::{small_router, twin_raw, twin_sdk};
use crate::on_the_way::{scripted, watches};
use crate::ordering::orders;
use crate::secrets::keeps_secrets;
use crate::services::services;
use crate::verdicts::fixed;

include!("../../../../plugins/fixtures/list.rs");

macro_rules! assert_tested {
    ($name:ident) => {
        #[expect(unused_imports, reason = "it exists")]
        use self::$name as _;
    };
}

for_each_fixture!(assert_tested);
