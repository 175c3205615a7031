"""Sends players to the place of the network that they come from: the next best thing to a country, without a database."""

import json

from componentize_py_types import Err
from networks import Table
from wit_world import exports
from wit_world.exports.lifecycle import Description, Stage
from wit_world.exports.route import Cause, Verdict, Verdict_Next, Verdict_To
from wit_world.imports import log, servers, session_facts
from wit_world.imports.log import Level
from wit_world.imports.types import Target_Group, Target_Server

# The host checks the configuration against this before it calls `init`.
SCHEMA = {
    "type": "object",
    "properties": {
        "default": {"type": "string", "description": "A server or a group, for addresses that no network holds."},
        "places": {
            "type": "object",
            "description": "Networks by the server or group that their players go to. The smallest that fits counts.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "required": ["default", "places"],
    "additionalProperties": False,
}

# One for each instance, and so for each worker.
default = ""
table = Table([])


class Lifecycle(exports.Lifecycle):
    def describe(self) -> Description:
        return Description(
            name="by-network",
            version="0.1.0",
            summary="Sends players to servers by the network that they come from.",
            stage=Stage.ROUTE,
            hooks=["route"],
            config_schema=json.dumps(SCHEMA),
            state_version=None,
        )

    def init(self, config: str) -> None:
        global default, table
        settings = json.loads(config)
        default = settings["default"]
        networks = [(network, place) for place, all in settings["places"].items() for network in all]
        try:
            table = Table(networks)
        except ValueError as error:
            # The text that the operator reads. Any other exception would be a trap.
            raise Err(str(error)) from error
        log.log(Level.INFO, "networks read", [("networks", str(len(networks)))])

    # Nothing to hand over in a swap: `describe` gives no state version.
    def save(self) -> bytes:
        return b""

    def load(self, state_version: int, saved: bytes) -> None:
        pass

    def shutdown(self) -> None:
        pass


class Route(exports.Route):
    def on_route(self, cause: Cause) -> Verdict:
        ip = session_facts.peer().ip
        name = table.place_of(ip) or default
        if log.enabled(Level.DEBUG):
            log.log(Level.DEBUG, "network looked up", [("ip", ip), ("to", name)])
        # Asked each time: an unknown name in a verdict would count as a failure of this plugin.
        match servers.kind_of(name):
            case servers.Kind.SERVER:
                return Verdict_To([Target_Server(name)])
            case servers.Kind.GROUP:
                return Verdict_To([Target_Group(name)])
            case None:
                return Verdict_Next()
