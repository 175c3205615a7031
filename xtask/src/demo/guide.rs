//! What the demo says when it runs: things to try, as commands to copy.

use super::Network;

pub(super) fn text(network: &Network) -> String {
    let Network {
        port,
        metrics_port,
        host,
        folder,
        built,
    } = network;
    let (host, folder, built) = (host.display(), folder.display(), built.display());
    let address = if *port == 25565 {
        "localhost".to_owned()
    } else {
        format!("localhost:{port}")
    };
    let survival = if *port == 25565 {
        "127.0.0.1".to_owned()
    } else {
        format!("127.0.0.1:{port}")
    };
    format!(
        "
Portcullis runs on 127.0.0.1:{port}, with two servers behind it. Ctrl-C stops everything.

  ping      add the server {address} to your list: the plugin motd answers
  join      {address} leads to lobby and {survival} to survival; each server tells where you are and says goodbye
  reroute   change a route and save; the next player follows it:
              {folder}/portcullis.toml
  swap      replace a plugin by a broken one and look at the log; then mend it:
              echo broken > {folder}/plugins/router.wasm
              cp {built}/router.wasm {folder}/plugins/
  look      {host} ctl -c {folder}/portcullis.toml plugins
              … or sessions, servers, reload, drain
  metrics   http://127.0.0.1:{metrics_port}/metrics
"
    )
}
