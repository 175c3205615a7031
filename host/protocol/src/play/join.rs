//! Moving a client that stays connected into another server's world, to 1.20.1: the new server's join game, then respawns that
//! make the client drop the old world. Since 1.20.2 the configuration state does that, and join game passes as it is.

use std::borrow::Cow;

use crate::{
    cursor::{Cursor, Stop},
    error::WireError,
    nbt,
    packets::{Fields, Packet},
    put,
    version::Protocol,
};

/// Longest name of a dimension, world or kind of level in characters.
const MAX_NAME_CHARS: usize = 32_767;

/// Worlds that a server lists. Networks with one world for each player stay below.
const MAX_WORLDS: usize = 65_536;

/// Where the number of a dimension stands in a join game to 1.15.2: behind an entity id of 32 bits and a game mode of 8.
const DIMENSION_AT: usize = 5;

/// The bit of a game mode to 1.16.1 that means hardcore.
const HARDCORE: u8 = 0x08;

/// Overworld and Nether by their numbers.
const OVERWORLD: i32 = 0;
const NETHER: i32 = -1;

/// A dimension as versions name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension<'a> {
    /// To 1.15.2.
    Number(i32),
    /// 1.16, 1.16.1 and since 1.19: its identifier.
    Name(&'a str),
    /// 1.16.2 to 1.18.2: all its properties, as a named NBT tag.
    Nbt(&'a [u8]),
}

/// A world to be in: what join game and respawn have in common. Fields that a version does not have are 0, empty or absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Respawn<'a> {
    /// The dimension.
    pub dimension: Dimension<'a>,
    /// The world's name: since 1.16.
    pub world: &'a str,
    /// A hash of the world's seed: since 1.15.
    pub seed: i64,
    /// To 1.13.2.
    pub difficulty: u8,
    /// The game mode, without the bit for hardcore.
    pub mode: u8,
    /// The game mode before, -1 for none: since 1.16.
    pub previous_mode: u8,
    /// The kind of level: to 1.15.2.
    pub level: &'a str,
    /// A world for debugging: since 1.16.
    pub is_debug: bool,
    /// A flat world: since 1.16.
    pub is_flat: bool,
    /// Where the player died last, dimension and position: since 1.19.
    pub death: Option<(&'a str, i64)>,
    /// Ticks until a portal works again: since 1.20.
    pub portal_cooldown: i32,
}

/// To 1.20.1.
impl Fields for Respawn<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::Respawn
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        match self.dimension {
            Dimension::Number(number) => out.extend_from_slice(&number.to_be_bytes()),
            Dimension::Name(name) => put::string(name, out),
            Dimension::Nbt(nbt) => out.extend_from_slice(nbt),
        }
        if !protocol.has_named_dimensions() {
            if protocol >= Protocol::V1_15 {
                out.extend_from_slice(&self.seed.to_be_bytes());
            }
            if protocol < Protocol::V1_14 {
                out.push(self.difficulty);
            }
            out.push(self.mode);
            return put::string(self.level, out);
        }
        put::string(self.world, out);
        out.extend_from_slice(&self.seed.to_be_bytes());
        out.extend_from_slice(&[self.mode, self.previous_mode]);
        put::bool(self.is_debug, out);
        put::bool(self.is_flat, out);
        // What the client knows of itself is not kept: it is another server's.
        put::bool(false, out);
        if protocol >= Protocol::V1_19 {
            put::option(self.death, out, |(dimension, position), out| {
                put::string(dimension, out);
                out.extend_from_slice(&position.to_be_bytes());
            });
        }
        if protocol >= Protocol::V1_20 {
            put::var_int(self.portal_cooldown, out);
        }
    }
}

/// A server's join game to 1.20.1, as far as a switch needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinGame<'a> {
    body: &'a [u8],
    protocol: Protocol,
    /// The player's entity id on that server.
    pub entity: i32,
    /// The world to be in.
    pub world: Respawn<'a>,
}

/// What makes a client that is in a world enter another server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch<'a> {
    /// The fields of the join game to send.
    pub join: Cow<'a, [u8]>,
    /// The respawns to send behind it.
    pub respawns: Vec<Respawn<'a>>,
}

impl<'a> JoinGame<'a> {
    /// Reads the fields of a version to 1.20.1; none of a later one, whose join game is not to be read.
    pub fn read(body: &'a [u8], protocol: Protocol) -> Result<Option<Self>, WireError> {
        if protocol.has_configuration() {
            return Ok(None);
        }
        let mut cursor = Cursor::whole(body);
        let entity = cursor.i32()?;
        let world = if protocol.has_named_dimensions() {
            named_world(&mut cursor, protocol)?
        } else {
            numbered_world(&mut cursor, protocol)?
        };
        cursor.finish()?;
        Ok(Some(Self {
            body,
            protocol,
            entity,
            world,
        }))
    }

    /// The packets for a client that is in another server's world.
    ///
    /// Since 1.16 clients start anew with a join game, and a respawn of the same world lets them out of the loading screen.
    /// Older ones drop a world only for one of another dimension: join game claims one, and the respawn tells the truth. Forge's
    /// of 1.7 to 1.12 must have the true dimension in join game, so they take the detour in respawns.
    pub fn switch(&self, is_forge: bool) -> Switch<'a> {
        let Dimension::Number(number) = self.world.dimension else {
            return Switch {
                join: self.body.into(),
                respawns: vec![self.world],
            };
        };
        let detour = if number == OVERWORLD { NETHER } else { OVERWORLD };
        let through = Respawn {
            dimension: Dimension::Number(detour),
            ..self.world
        };
        if is_forge {
            Switch {
                join: self.body.into(),
                respawns: vec![through, self.world],
            }
        } else {
            Switch {
                join: self.with_dimension(detour).into(),
                respawns: vec![self.world],
            }
        }
    }

    /// The fields with another dimension's number, in as many bytes as the old one.
    fn with_dimension(&self, number: i32) -> Vec<u8> {
        let mut body = self.body.to_vec();
        let [high @ .., low] = number.to_be_bytes();
        let bytes = if has_short_dimension(self.protocol) {
            vec![low]
        } else {
            [&high[..], &[low]].concat()
        };
        if let Some(field) = body.get_mut(DIMENSION_AT..DIMENSION_AT + bytes.len()) {
            field.copy_from_slice(&bytes);
        }
        body
    }
}

/// Whether join game has the dimension in 8 bits: to 1.9.
fn has_short_dimension(protocol: Protocol) -> bool {
    protocol < Protocol::V1_9_1
}

/// The fields behind the entity id, to 1.15.2.
fn numbered_world<'a>(cursor: &mut Cursor<'a>, protocol: Protocol) -> Result<Respawn<'a>, Stop> {
    let mode = cursor.u8()? & !HARDCORE;
    let number = if has_short_dimension(protocol) {
        i32::from(cursor.u8()?.cast_signed())
    } else {
        cursor.i32()?
    };
    let seed = if protocol >= Protocol::V1_15 { cursor.i64()? } else { 0 };
    let difficulty = if protocol < Protocol::V1_14 { cursor.u8()? } else { 0 };
    let _max_players = cursor.u8()?;
    let level = cursor.text(MAX_NAME_CHARS)?;
    if protocol >= Protocol::V1_14 {
        let _view_distance = cursor.var_int()?;
    }
    if protocol >= Protocol::V1_8 {
        let _reduced_debug = cursor.bool()?;
    }
    if protocol >= Protocol::V1_15 {
        let _respawn_screen = cursor.bool()?;
    }
    Ok(Respawn {
        dimension: Dimension::Number(number),
        world: "",
        seed,
        difficulty,
        mode,
        previous_mode: 0,
        level,
        is_debug: false,
        is_flat: false,
        death: None,
        portal_cooldown: 0,
    })
}

/// The fields behind the entity id, 1.16 to 1.20.1.
fn named_world<'a>(cursor: &mut Cursor<'a>, protocol: Protocol) -> Result<Respawn<'a>, Stop> {
    let has_hardcore = protocol >= Protocol::V1_16_2;
    if has_hardcore {
        let _is_hardcore = cursor.bool()?;
    }
    let mode = cursor.u8()?;
    let mode = if has_hardcore { mode } else { mode & !HARDCORE };
    let previous_mode = cursor.u8()?;
    let worlds = cursor.count(MAX_WORLDS)?;
    for _ in 0..worlds {
        let _world = cursor.text(MAX_NAME_CHARS)?;
    }
    nbt::skip(cursor, false)?;
    let dimension = if (Protocol::V1_16_2..Protocol::V1_19).contains(&protocol) {
        Dimension::Nbt(taken(cursor, |cursor| nbt::skip(cursor, false))?)
    } else {
        Dimension::Name(cursor.text(MAX_NAME_CHARS)?)
    };
    let world = cursor.text(MAX_NAME_CHARS)?;
    let seed = cursor.i64()?;
    if has_hardcore {
        let _max_players = cursor.var_int()?;
    } else {
        let _max_players = cursor.u8()?;
    }
    let _view_distance = cursor.var_int()?;
    if protocol >= Protocol::V1_18 {
        let _simulation_distance = cursor.var_int()?;
    }
    let _reduced_debug = cursor.bool()?;
    let _respawn_screen = cursor.bool()?;
    Ok(Respawn {
        dimension,
        world,
        seed,
        difficulty: 0,
        mode,
        previous_mode,
        level: "",
        is_debug: cursor.bool()?,
        is_flat: cursor.bool()?,
        death: if protocol >= Protocol::V1_19 {
            cursor.option(|cursor| Ok((cursor.text(MAX_NAME_CHARS)?, cursor.i64()?)))?
        } else {
            None
        },
        portal_cooldown: if protocol >= Protocol::V1_20 {
            cursor.var_int()?
        } else {
            0
        },
    })
}

/// The bytes that `read` takes.
fn taken<'a>(
    cursor: &mut Cursor<'a>,
    read: impl FnOnce(&mut Cursor<'a>) -> Result<(), Stop>,
) -> Result<&'a [u8], Stop> {
    let before = cursor.rest();
    read(cursor)?;
    let taken = before.len() - cursor.rest().len();
    Ok(before.get(..taken).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NBT: &[u8] = &[10, 0, 0, 1, 0, 1, b'a', 7, 0];

    /// Join games field by field, as the protocol's history lists them.
    fn join(protocol: Protocol, dimension: i32) -> Vec<u8> {
        let mut out = vec![0, 0, 1, 2];
        if protocol < Protocol::V1_16 {
            out.push(1 | HARDCORE);
            if protocol < Protocol::V1_9_1 {
                out.push(dimension as u8);
            } else {
                out.extend(dimension.to_be_bytes());
            }
            if protocol >= Protocol::V1_15 {
                out.extend(77_i64.to_be_bytes());
            }
            if protocol < Protocol::V1_14 {
                out.push(2);
            }
            out.push(20);
            put::string("flat", &mut out);
            if protocol >= Protocol::V1_14 {
                out.push(10);
            }
            if protocol >= Protocol::V1_8 {
                out.push(0);
            }
            if protocol >= Protocol::V1_15 {
                out.push(1);
            }
            return out;
        }
        if protocol >= Protocol::V1_16_2 {
            out.extend([1, 1]);
        } else {
            out.push(1 | HARDCORE);
        }
        out.push(0xff);
        out.push(2);
        put::string("minecraft:overworld", &mut out);
        put::string("minecraft:the_nether", &mut out);
        out.extend(NBT);
        if (Protocol::V1_16_2..Protocol::V1_19).contains(&protocol) {
            out.extend(NBT);
        } else {
            put::string("minecraft:overworld", &mut out);
        }
        put::string("minecraft:overworld", &mut out);
        out.extend(77_i64.to_be_bytes());
        out.push(20);
        out.push(10);
        if protocol >= Protocol::V1_18 {
            out.push(9);
        }
        out.extend([0, 1, 0, 1]);
        if protocol >= Protocol::V1_19 {
            out.push(1);
            put::string("minecraft:the_end", &mut out);
            out.extend(5_i64.to_be_bytes());
        }
        if protocol >= Protocol::V1_20 {
            out.push(3);
        }
        out
    }

    fn written(respawn: &Respawn<'_>, protocol: Protocol) -> Vec<u8> {
        let mut out = Vec::new();
        respawn.write(protocol, &mut out);
        out
    }

    fn numbered() -> impl Iterator<Item = Protocol> {
        Protocol::releases().take_while(|protocol| !protocol.has_named_dimensions())
    }

    fn named() -> impl Iterator<Item = Protocol> {
        Protocol::releases().filter(|protocol| protocol.has_named_dimensions() && !protocol.has_configuration())
    }

    #[test]
    fn join_games_are_read_to_the_last_byte_in_every_version() {
        for protocol in numbered().chain(named()) {
            let body = join(protocol, 1);
            let game = JoinGame::read(&body, protocol).unwrap().expect("an old version");
            assert_eq!((game.entity, game.world.mode), (258, 1), "{protocol}");
            for end in 0..body.len() {
                let error = JoinGame::read(&body[..end], protocol).unwrap_err();
                assert_eq!(error, WireError::Truncated, "{protocol} {end}");
            }
        }
        assert_eq!(JoinGame::read(&[], Protocol::V1_20_2), Ok(None));
    }

    #[test]
    fn old_clients_are_told_another_dimension_first() {
        for protocol in numbered() {
            for (dimension, detour) in [(0, -1), (-1, 0), (1, 0)] {
                let body = join(protocol, dimension);
                let game = JoinGame::read(&body, protocol).unwrap().unwrap();
                let switch = game.switch(false);
                assert_eq!(switch.join, join(protocol, detour), "{protocol}");
                assert_eq!(switch.respawns, [game.world]);
                assert_eq!(game.world.dimension, Dimension::Number(dimension));
                let respawn = written(&game.world, protocol);
                assert_eq!(respawn[..4], dimension.to_be_bytes(), "{protocol}");

                let forge = game.switch(true);
                assert_eq!(forge.join, body);
                let dimensions = forge
                    .respawns
                    .iter()
                    .map(|respawn| respawn.dimension)
                    .collect::<Vec<_>>();
                assert_eq!(dimensions, [Dimension::Number(detour), Dimension::Number(dimension)]);
            }
        }
    }

    #[test]
    fn later_clients_join_and_respawn_in_the_same_world() {
        for protocol in named() {
            let body = join(protocol, 0);
            let game = JoinGame::read(&body, protocol).unwrap().unwrap();
            let switch = game.switch(false);
            assert_eq!((&switch.join[..], &switch.respawns[..]), (&body[..], &[game.world][..]));
            assert_eq!((game.world.world, game.world.seed), ("minecraft:overworld", 77));
            assert_eq!((game.world.is_debug, game.world.is_flat), (false, true));
        }
    }

    #[test]
    fn respawns_have_the_fields_of_their_version() {
        let respawn = |release| {
            let protocol = Protocol::of_release(release).unwrap();
            let body = join(protocol, 1);
            let game = JoinGame::read(&body, protocol).unwrap().unwrap();
            written(&game.world, protocol)
        };
        let flat = &b"\x04flat"[..];
        let seed = &77_i64.to_be_bytes()[..];
        let world = &b"\x13minecraft:overworld"[..];
        let tail = &[1, 0xff, 0, 1, 0][..];
        let death = &[&b"\x01\x11minecraft:the_end"[..], &5_i64.to_be_bytes()].concat()[..];
        for (release, expect) in [
            ("1.7.10", [&[0, 0, 0, 1, 2, 1], flat].concat()),
            ("1.13.2", [&[0, 0, 0, 1, 2, 1], flat].concat()),
            ("1.14", [&[0, 0, 0, 1, 1], flat].concat()),
            ("1.15.2", [&[0, 0, 0, 1], seed, &[1], flat].concat()),
            ("1.16.1", [world, world, seed, tail].concat()),
            ("1.16.5", [NBT, world, seed, tail].concat()),
            ("1.18.2", [NBT, world, seed, tail].concat()),
            ("1.19", [world, world, seed, tail, death].concat()),
            ("1.20.1", [world, world, seed, tail, death, &[3]].concat()),
        ] {
            assert_eq!(respawn(release), expect, "{release}");
        }
    }
}
