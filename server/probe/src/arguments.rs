//! The command line.

use core::ffi::CStr;

use crate::time::SECOND;

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Nanoseconds for which the check must hold before its first success counts.
    pub hold: u64,
    /// Nanoseconds for one check.
    pub timeout: u64,
    /// The check.
    pub kind: Kind<'a>,
}

/// A kind of check.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// `GET path` on this port of this container answers 200 to 399.
    Http(u16, &'a str),
    /// The port accepts a connection.
    Tcp(u16),
    /// The program ends with 0; itself first, then its arguments.
    Exec(&'a [&'a CStr]),
    /// The container's first process lives.
    Alive,
}

/// Reads the arguments behind the program's name.
///
/// # Errors
/// What is wrong with them.
pub fn parse<'a>(arguments: &'a [&'a CStr]) -> Result<Asked<'a>, &'static str> {
    let (mut hold, mut timeout) = (0, 3 * SECOND);
    let mut rest = arguments;
    loop {
        let Some((first, others)) = rest.split_first() else { return Err("what to check?") };
        let option = match first.to_bytes() {
            b"--hold" => &mut hold,
            b"--timeout" => &mut timeout,
            _ => break,
        };
        let Some((value, others)) = others.split_first() else { return Err("an option lacks its value") };
        *option = value.to_str().ok().and_then(duration).ok_or("no duration like 5s or 1500ms")?;
        rest = others;
    }
    Ok(Asked { hold, timeout, kind: kind(rest)? })
}

fn kind<'a>(words: &'a [&'a CStr]) -> Result<Kind<'a>, &'static str> {
    let port = |word: &CStr| word.to_str().ok().and_then(|text| text.parse().ok()).filter(|port| *port > 0);
    match words {
        [first, number, path] if first.to_bytes() == b"http" => {
            let path = path.to_str().ok().filter(|path| is_path(path));
            let path = path.ok_or("the path must begin with / and be percent-encoded")?;
            Ok(Kind::Http(port(number).ok_or("no port")?, path))
        }
        [first, number] if first.to_bytes() == b"tcp" => Ok(Kind::Tcp(port(number).ok_or("no port")?)),
        [first, program @ ..] if first.to_bytes() == b"exec" && !program.is_empty() => {
            Ok(Kind::Exec(program))
        }
        [first] if first.to_bytes() == b"alive" => Ok(Kind::Alive),
        _ => Err("no such check"),
    }
}

/// Fit for a request line.
fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.len() <= 1024 && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `1500ms`, `5s`, `1m30s`, `1h`.
pub(crate) fn duration(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at_checked(digits)?;
        let letters = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, behind) = behind.split_at_checked(letters)?;
        let unit = match unit {
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => 3600 * SECOND,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = behind;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&'static CStr]) -> Result<String, &'static str> {
        parse(words).map(|asked| format!("{asked:?}"))
    }

    #[test]
    fn reads_every_form() {
        let words = [c"--hold", c"5s", c"--timeout", c"1500ms", c"http", c"8080", c"/health?x=1"];
        let asked = parse(&words).unwrap();
        assert_eq!((asked.hold, asked.timeout), (5 * SECOND, 1_500_000_000));
        assert_eq!(asked.kind, Kind::Http(8080, "/health?x=1"));
        assert_eq!(parse(&[c"tcp", c"5432"]).unwrap().kind, Kind::Tcp(5432));
        assert_eq!(parse(&[c"exec", c"/a", c"--hold"]).unwrap().kind, Kind::Exec(&[c"/a", c"--hold"]));
        assert_eq!(parse(&[c"alive"]).unwrap(), Asked { hold: 0, timeout: 3 * SECOND, kind: Kind::Alive });
    }

    #[test]
    fn refuses_everything_else() {
        for words in [
            &[][..],
            &[c"--hold"],
            &[c"--hold", c"5", c"alive"],
            &[c"--hold", c"s", c"alive"],
            &[c"--hold", c"99999999999999999999s", c"alive"],
            &[c"http", c"0", c"/"],
            &[c"http", c"70000", c"/"],
            &[c"http", c"80", c"health"],
            &[c"http", c"80", c"/a b"],
            &[c"http", c"80", c"/a\r\nX: y"],
            &[c"tcp"],
            &[c"exec"],
            &[c"alive", c"x"],
        ] {
            assert!(read(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn reads_durations() {
        assert_eq!(duration("1m30s"), Some(90 * SECOND));
        assert_eq!(duration("250ms"), Some(250_000_000));
        assert_eq!(duration("0s"), Some(0));
        for text in ["", "5", "5d", "-1s", "1.5s", "s5"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
