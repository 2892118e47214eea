//! Extended headers of pax (POSIX.1-2017, pax, "Extended Header"): `LENGTH KEY=VALUE\n`.

use crate::domain::fault::Wrong;

/// What counts of an extended header.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Extended {
    /// The whole path.
    pub(super) path: Option<Vec<u8>>,
    /// The size of the content.
    pub(super) size: Option<u64>,
}

/// Reads the records of a header.
pub(super) fn read(mut records: &[u8]) -> Result<Extended, Wrong> {
    let damaged = || Wrong::coded("archive_damaged", "has an extended header that cannot be read");
    let mut extended = Extended::default();
    while !records.is_empty() {
        let blank = records.iter().take(20).position(|byte| *byte == b' ').ok_or_else(damaged)?;
        let length: usize = std::str::from_utf8(&records[..blank])
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(damaged)?;
        let record = records.get(blank + 1..length).ok_or_else(damaged)?;
        let record = record.strip_suffix(b"\n").ok_or_else(damaged)?;
        let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(damaged)?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" => extended.path = Some(value.to_vec()),
            b"size" => {
                let text = std::str::from_utf8(value).ok();
                extended.size = Some(text.and_then(|text| text.parse().ok()).ok_or_else(damaged)?);
            }
            _ if key.starts_with(b"GNU.sparse.") => {
                return Err(Wrong::coded("archive_entry", "holds a sparse file: pack it without `--sparse`"));
            }
            _ => {}
        }
        records = &records[length..];
    }
    Ok(extended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_140_records_are_read_to_the_letter() {
        let read = |text: &str| super::read(text.as_bytes());
        let found = read("12 path=a/b\n11 size=42\n13 comment=x\n").unwrap();
        assert_eq!(found, Extended { path: Some(b"a/b".to_vec()), size: Some(42) });
        for bad in [
            "12 path=a/b",
            "99 path=a/b\n",
            "0 path=a\n",
            "x path=a\n",
            "11 size=-2\n",
            "12 path=a/bx",
            "1 \n",
            "9 pathxa\n",
            "22 GNU.sparse.major=1\n",
            "18446744073709551615 path=a\n",
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
