//! Pieces of configuration that many tests need.

/// A backend server on loopback.
pub(crate) fn server(name: &str, port: u16) -> String {
    format!("[[server]]\nname = \"{name}\"\naddress = \"127.0.0.1:{port}\"\n")
}

/// A router that sends everybody to one server, as the only link of chain `main`.
pub(crate) fn all_to(target: &str) -> String {
    format!("[plugins.router.config]\ndefault = \"{target}\"\n[chains]\nmain = [\"router\"]\n")
}

/// A further listener; `more` are its other settings.
pub(crate) fn listener(port: u16, chain: &str, more: &str) -> String {
    format!("[[listener]]\nbind = \"127.0.0.1:{port}\"\nchain = \"{chain}\"\n{more}\n")
}
