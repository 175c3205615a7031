//! What must hold for any text in place of `portcullis.toml`. Run by the fuzzer, and by a test over the corpus.

use std::path::Path;

use portcullis_config::{Changes, Problem, parse};

/// Panics if something does not hold.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // A folder without plugins, so that what is found does not depend on where this runs.
    match parse(Path::new("/nonexistent/portcullis.toml"), text) {
        Ok(config) => {
            assert!(Changes::between(&config, &config).is_empty());
            assert!(
                config
                    .listeners
                    .iter()
                    .all(|listener| config.chains.contains_key(&listener.chain))
            );
            assert!(
                config
                    .chains
                    .values()
                    .flatten()
                    .all(|link| config.plugins.contains_key(link))
            );
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            let lines = text.split('\n').count();
            let is_toml = toml::de::DeTable::parse(text).is_ok();
            for problem in &problems {
                assert!((1..=lines).contains(&(problem.location.line as usize)), "{problem}");
                assert!(!problem.to_string().contains(char::is_control), "{problem}");
                // The schema says all that the raw tables do: nothing is left for the deserialiser to refuse.
                assert_eq!(matches!(problem.problem, Problem::Syntax { .. }), !is_toml, "{problem}");
            }
        }
    }
}
