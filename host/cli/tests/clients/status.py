"""mcstatus asks for the status, in the modern or the legacy form, and prints what it understood as one line of JSON.

{"event": "status", "text": ..., "online": ..., "max": ..., "version": ..., "protocol": ..., "sample": [...], "icon": ...}
"""

import argparse
import json
import sys

from mcstatus import JavaServer, LegacyServer

parser = argparse.ArgumentParser()
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--form", choices=["java", "legacy"], default="java")
parser.add_argument("--deadline-s", type=float, default=10)
options = parser.parse_args()

try:
    if options.form == "java":
        server = JavaServer(options.host, options.port, timeout=options.deadline_s)
        status = server.status(tries=1)
        sample = [player.name for player in status.players.sample or []]
        more = {"sample": sample, "icon": status.icon, "latency_ms": server.ping(tries=1)}
    else:
        status = LegacyServer(options.host, options.port, timeout=options.deadline_s).status(tries=1)
        more = {}
except Exception as error:
    print(json.dumps({"event": "failed", "reason": repr(error)}), flush=True)
    sys.exit(1)

facts = {
    "event": "status",
    "text": status.motd.to_plain(),
    "online": status.players.online,
    "max": status.players.max,
    "version": status.version.name,
    "protocol": status.version.protocol,
}
print(json.dumps(facts | more), flush=True)
