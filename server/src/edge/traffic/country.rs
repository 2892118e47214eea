//! Which country an address is in, by a database on this machine (MMDB, as several publishers give it).
//! Skep fetches none: where no file is given, countries are not counted.

use std::{net::IpAddr, path::Path};

use maxminddb::{PathElement, Reader};

/// A file is no database of countries.
#[derive(Debug, thiserror::Error)]
#[error("the file of countries cannot be read: {0}; give an MMDB file with `country.iso_code`")]
pub struct NoCountries(String);

/// The database; held in memory whole.
#[derive(Debug)]
pub struct Countries(Reader<Vec<u8>>);

impl Countries {
    /// Reads the file.
    ///
    /// # Errors
    /// It is not there, or no MMDB.
    pub fn open(file: &Path) -> Result<Self, NoCountries> {
        Reader::open_readfile(file).map(Self).map_err(|error| NoCountries(error.to_string()))
    }

    /// The country of a client's address: ISO 3166-1, two letters.
    #[must_use]
    pub fn of(&self, client: &str) -> Option<[u8; 2]> {
        let address: IpAddr = client.parse().ok()?;
        let found = self.0.lookup(address.to_canonical()).ok()?;
        let path = [PathElement::Key("country"), PathElement::Key("iso_code")];
        let code: &str = found.decode_path(&path).ok()??;
        code.as_bytes().try_into().ok().filter(|code: &[u8; 2]| code.iter().all(u8::is_ascii_uppercase))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// An MMDB (format 2.0) that knows one network: 203.0.113.0/24 is in Germany.
    fn database() -> Vec<u8> {
        const NODES: u32 = 24;
        let text =
            |text: &str| [&[0x40 | u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
        let map = |pairs: u8| vec![0xe0 | pairs];
        let mut file = Vec::new();
        let network = u32::from_be_bytes([203, 0, 113, 0]);
        for node in 0..NODES {
            // The way on, or behind the last bit the first byte of the data.
            let on = if node + 1 == NODES { NODES + 16 } else { node + 1 };
            let bit = network >> (31 - node) & 1;
            for side in 0..2 {
                file.extend_from_slice(&if side == bit { on } else { NODES }.to_be_bytes()[1..]);
            }
        }
        file.extend_from_slice(&[0; 16]);
        file.extend([map(1), text("country"), map(1), text("iso_code"), text("DE")].concat());
        file.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
        let small = |value: u8| vec![0xa1, value];
        file.extend(
            [
                map(9),
                text("binary_format_major_version"),
                small(2),
                text("binary_format_minor_version"),
                vec![0xa0],
                text("build_epoch"),
                vec![0x01, 0x02, 1],
                text("database_type"),
                text("Country"),
                text("description"),
                map(0),
                text("ip_version"),
                small(4),
                text("languages"),
                vec![0x00, 0x04],
                text("node_count"),
                vec![0xc1, u8::try_from(NODES).expect("few")],
                text("record_size"),
                small(24),
            ]
            .concat(),
        );
        file
    }

    #[test]
    fn the_country_of_an_address_is_what_the_file_says() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&database()).expect("written");
        let countries = Countries::open(file.path()).expect("a database");
        assert_eq!(countries.of("203.0.113.9"), Some(*b"DE"));
        assert_eq!(countries.of("::ffff:203.0.113.9"), Some(*b"DE"));
        for nowhere in ["203.0.112.9", "198.51.100.1", "2001:db8::1", "", "not an address"] {
            assert_eq!(countries.of(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn what_is_no_database_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert!(Countries::open(file.path()).is_err());
        let refused = Countries::open(Path::new("/nowhere/countries.mmdb")).expect_err("no file");
        assert!(refused.to_string().contains("MMDB"), "{refused}");
    }
}
