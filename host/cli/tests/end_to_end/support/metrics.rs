//! The Prometheus text that the binary serves, as numbers.

use std::{
    collections::BTreeMap,
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
};

use super::wait::PATIENCE;

/// One reading of all series.
pub(crate) struct Reading {
    pub(crate) text: String,
}

impl Reading {
    pub(crate) fn take(port: u16) -> io::Result<Self> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .ok_or_else(|| io::Error::other("no HTTP answer"))?;
        if !head.contains(" 200 ") {
            return Err(io::Error::other(head.to_owned()));
        }
        Ok(Self { text: body.to_owned() })
    }

    /// The sum over the series of a family whose labels include these; 0 when there is none.
    pub(crate) fn sum(&self, family: &str, labels: &[(&str, &str)]) -> f64 {
        self.series(family)
            .filter(|(own, _)| {
                labels
                    .iter()
                    .all(|(name, value)| own.get(*name).is_some_and(|is| is == value))
            })
            .map(|(_, value)| value)
            .sum()
    }

    /// The names of all families.
    pub(crate) fn families(&self) -> impl Iterator<Item = &str> {
        self.text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
    }

    pub(crate) fn has(&self, family: &str) -> bool {
        self.text.contains(&format!("# TYPE {family} "))
    }

    fn series<'a>(&'a self, family: &'a str) -> impl Iterator<Item = (BTreeMap<String, String>, f64)> + 'a {
        self.text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(move |line| {
                let (key, value) = line.rsplit_once(' ')?;
                let (name, labels) = key
                    .split_once('{')
                    .map_or((key, ""), |(name, rest)| (name, rest.trim_end_matches('}')));
                let labels = labels.split("\",").filter_map(|pair| {
                    let (name, value) = pair.split_once("=\"")?;
                    Some((
                        name.trim_start_matches(',').to_owned(),
                        value.trim_end_matches('"').to_owned(),
                    ))
                });
                (name == family).then_some((labels.collect(), value.parse().ok()?))
            })
    }
}
