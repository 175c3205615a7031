//! A plugin's configuration is checked against the schema that the plugin declares.

use portcullis_runtime::{Hook, LoadError, Refusal, Violation};

use crate::support::Host;
use crate::support::bare::Bare;

fn violations(error: LoadError) -> Vec<Violation> {
    match error {
        LoadError::Configuration { violations, .. } => violations,
        other => panic!("{other}"),
    }
}

#[test]
fn violations_point_at_the_values_that_do_not_fit() {
    let host = Host::idle(1);
    let error = host.refusal(
        r#"
        [plugins.router.config]
        defualt = "lobby"
        routes = [
            { host = "play.example.com", to = "lobby" },
            { host = 5, to = "lobby" },
            { host = "a.example.com", to = [] },
        ]
        [chains]
        main = ["router"]
        "#,
    );
    let text = error.to_string();
    let mut pointers: Vec<_> = violations(error)
        .into_iter()
        .map(|violation| violation.pointer)
        .collect();
    pointers.sort();
    assert_eq!(pointers, ["/defualt", "/routes/1/host", "/routes/2/to"], "{text}");
    assert!(
        text.starts_with("[plugins.router.config] does not fit")
            && text.contains("defualt")
            && text.contains("routes[1].host: must be a text"),
        "{text}"
    );
}

#[test]
fn a_configuration_that_fits_reaches_the_plugin() {
    let host = Host::start(
        1,
        r#"
        [plugins.router.config]
        routes = [{ host = "play.example.com", to = "lobby" }]
        [chains]
        main = ["router"]
        "#,
    );
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), None);
}

#[test]
fn a_plugin_without_a_schema_takes_no_configuration() {
    let host = Host::idle(1);
    host.put("bare.wasm", &Bare::default().build());
    let error = host.refusal("[plugins.bare.config]\nkey = 1\n[chains]\nmain = ['bare']");
    let expect = Violation {
        pointer: String::new(),
        message: "this plugin takes no configuration".into(),
    };
    assert_eq!(violations(error), [expect]);
    host.apply("[chains]\nmain = ['bare']").unwrap();
    assert_eq!(host.ask(0, Hook::Route, "main").refusal(), Some(&Refusal::NoVerdict));
}

#[test]
fn a_message_names_no_more_violations_than_anybody_reads() {
    let host = Host::idle(1);
    let routes = "{ host = 5, to = 'lobby' },".repeat(100);
    let error = host.refusal(&format!(
        "[plugins.router.config]\nroutes = [{routes}]\n[chains]\nmain = ['router']"
    ));
    assert_eq!(violations(error).len(), 20);
}
