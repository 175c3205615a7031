//! Colours by name, by number, and the nearest of the sixteen that every client knows.

/// A colour as 0xRRGGBB. One that equals a named colour is written by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(u32);

impl Colour {
    pub(super) const WHITE: Self = Self(0xff_ff_ff);
    pub(super) const BLACK: Self = Self(0);

    /// A name, or `#` and six hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix('#') {
            let is_hex = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            return if is_hex {
                u32::from_str_radix(digits, 16).ok().map(Self)
            } else {
                None
            };
        }
        let name = match text {
            "grey" => "gray",
            "dark_grey" => "dark_gray",
            name => name,
        };
        NAMED
            .iter()
            .find(|named| named.name == name)
            .map(|named| Self(named.rgb))
    }

    /// Its name, if it has one.
    pub(super) fn name(self) -> Option<&'static str> {
        NAMED.iter().find(|named| named.rgb == self.0).map(|named| named.name)
    }

    /// `#` and six digits.
    pub(super) fn hex(self) -> String {
        format!("#{:06x}", self.0)
    }

    /// Its `§` code, if it has a name.
    pub(super) fn code(self) -> Option<char> {
        NAMED.iter().find(|named| named.rgb == self.0).map(|named| named.code)
    }

    /// The nearest colour that has a name.
    pub(super) fn nearest(self) -> Self {
        let named = NAMED.iter().map(|named| Self(named.rgb));
        named.min_by_key(|named| self.distance(*named)).unwrap_or(Self::WHITE)
    }

    /// `part` of `whole` steps on the way to `to`; `whole` is not 0.
    pub(super) fn toward(self, to: Self, part: i64, whole: i64) -> Self {
        let ([red, green, blue], [to_red, to_green, to_blue]) = (self.channels(), to.channels());
        let [red, green, blue] =
            [(red, to_red), (green, to_green), (blue, to_blue)].map(|(from, to)| from + (to - from) * part / whole);
        // Between two channels of one byte lies no more than a byte.
        Self((red << 16 | green << 8 | blue) as u32)
    }

    /// Squared, weighted for an eye that sees green best and red better the redder both are ("redmean").
    /// <https://www.compuphase.com/cmetric.htm>
    fn distance(self, other: Self) -> i64 {
        let ([red, green, blue], [other_red, other_green, other_blue]) = (self.channels(), other.channels());
        let mean = (red + other_red) / 2;
        let [red, green, blue] = [red - other_red, green - other_green, blue - other_blue];
        (512 + mean) * red * red / 256 + 4 * green * green + (767 - mean) * blue * blue / 256
    }

    fn channels(self) -> [i64; 3] {
        [16, 8, 0].map(|shift| i64::from(self.0 >> shift & 0xff))
    }
}

struct Named {
    name: &'static str,
    code: char,
    rgb: u32,
}

/// <https://minecraft.wiki/w/Formatting_codes#Color_codes>
const NAMED: [Named; 16] = [
    Named {
        name: "black",
        code: '0',
        rgb: 0x00_00_00,
    },
    Named {
        name: "dark_blue",
        code: '1',
        rgb: 0x00_00_aa,
    },
    Named {
        name: "dark_green",
        code: '2',
        rgb: 0x00_aa_00,
    },
    Named {
        name: "dark_aqua",
        code: '3',
        rgb: 0x00_aa_aa,
    },
    Named {
        name: "dark_red",
        code: '4',
        rgb: 0xaa_00_00,
    },
    Named {
        name: "dark_purple",
        code: '5',
        rgb: 0xaa_00_aa,
    },
    Named {
        name: "gold",
        code: '6',
        rgb: 0xff_aa_00,
    },
    Named {
        name: "gray",
        code: '7',
        rgb: 0xaa_aa_aa,
    },
    Named {
        name: "dark_gray",
        code: '8',
        rgb: 0x55_55_55,
    },
    Named {
        name: "blue",
        code: '9',
        rgb: 0x55_55_ff,
    },
    Named {
        name: "green",
        code: 'a',
        rgb: 0x55_ff_55,
    },
    Named {
        name: "aqua",
        code: 'b',
        rgb: 0x55_ff_ff,
    },
    Named {
        name: "red",
        code: 'c',
        rgb: 0xff_55_55,
    },
    Named {
        name: "light_purple",
        code: 'd',
        rgb: 0xff_55_ff,
    },
    Named {
        name: "yellow",
        code: 'e',
        rgb: 0xff_ff_55,
    },
    Named {
        name: "white",
        code: 'f',
        rgb: 0xff_ff_ff,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_read() {
        assert_eq!(Colour::parse("red"), Some(Colour(0xff_55_55)));
        assert_eq!(Colour::parse("dark_grey"), Colour::parse("dark_gray"));
        assert_eq!(Colour::parse("#Ff8800"), Some(Colour(0xff_88_00)));
        for wrong in ["", "#", "#ff880", "#ff88000", "#+f8800", "#gggggg", "crimson", "Red"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_named_colour_is_its_own_nearest() {
        for named in &NAMED {
            let colour = Colour(named.rgb);
            assert_eq!(
                (colour.nearest(), colour.name(), colour.code()),
                (colour, Some(named.name), Some(named.code))
            );
        }
    }

    #[test]
    fn colours_between_go_to_the_nearest() {
        for (hex, name) in [
            ("#ff8800", "gold"),
            ("#ff0000", "dark_red"),
            ("#fefefe", "white"),
            ("#101010", "black"),
            ("#00ff00", "dark_green"),
        ] {
            assert_eq!(Colour::parse(hex).unwrap().nearest().name(), Some(name), "{hex}");
        }
    }

    #[test]
    fn a_mixture_lies_between() {
        assert_eq!(Colour::BLACK.toward(Colour::WHITE, 1, 2), Colour(0x7f_7f_7f));
        assert_eq!(Colour(0xff_00_00).toward(Colour(0x00_00_ff), 0, 9), Colour(0xff_00_00));
        assert_eq!(Colour(0xff_00_00).toward(Colour(0x00_00_ff), 9, 9), Colour(0x00_00_ff));
    }
}
