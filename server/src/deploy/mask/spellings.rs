//! How programs print a value: as it is, in base64 (alone or within a longer text), in hexadecimal
//! digits, percent-encoded, escaped for JSON, quoted for a shell.
//!
//! To add one: its function, and its line in [`ALL`] by how often it is met: what comes first is kept
//! where there is not room for all.

use base64::{
    Engine as _,
    alphabet::{self, Alphabet},
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};

/// One way to write a value.
pub(super) struct Spelling {
    pub(super) text: String,
    /// The character before it holds some bits of the value.
    pub(super) before: bool,
    /// The character after it does.
    pub(super) after: bool,
}

fn whole(text: String) -> Spelling {
    Spelling { text, before: false, after: false }
}

/// All of them; the first is never left out.
pub(super) const ALL: &[fn(&str) -> Vec<Spelling>] = &[plain, base64, percent, json, hexadecimal, shell];

fn plain(value: &str) -> Vec<Spelling> {
    vec![whole(value.to_owned())]
}

/// In each of the three places that a value can have among the groups of three bytes of what is
/// encoded, as in `user:secret`, in both alphabets. What depends on its neighbours is left open.
fn base64(value: &str) -> Vec<Spelling> {
    let mut all = Vec::new();
    for alphabet in [&alphabet::STANDARD, &alphabet::URL_SAFE] {
        for offset in 0..3 {
            all.extend(placed(value, offset, alphabet));
        }
    }
    all
}

fn placed(value: &str, offset: usize, alphabet: &Alphabet) -> [Spelling; 2] {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(value.as_bytes());
    let text = GeneralPurpose::new(alphabet, NO_PAD).encode(&bytes);
    // The first characters hold bits of what stands before, the last one bits of what follows.
    let first = (offset * 8).div_ceil(6);
    let full = bytes.len() * 8 / 6;
    let part = |end: usize| text.get(first..end).unwrap_or_default().to_owned();
    let before = offset > 0;
    [
        Spelling { text: part(full), before, after: full < text.len() },
        // At the end of what is encoded, the last character is known.
        Spelling { text: part(text.len()), before, after: false },
    ]
}

fn hexadecimal(value: &str) -> Vec<Spelling> {
    let text = hex::encode(value);
    vec![whole(text.to_ascii_uppercase()), whole(text)]
}

/// Programs do not agree on what is left as it is (RFC 3986; `encodeURIComponent`; forms; paths), on the
/// case of the digits, nor on how a blank is written.
fn percent(value: &str) -> Vec<Spelling> {
    let mut all = Vec::new();
    for safe in ["-._~", "-._~!'()*", "-._*", "-._~/", "-._~!$&'()*+,;=:@/"] {
        for blank in ["%20", "+"] {
            for upper in [true, false] {
                let digits = |b: u8| if upper { format!("%{b:02X}") } else { format!("%{b:02x}") };
                let one = |b: u8| match b {
                    b' ' => blank.to_owned(),
                    b if b.is_ascii_alphanumeric() || safe.as_bytes().contains(&b) => {
                        char::from(b).to_string()
                    }
                    b => digits(b),
                };
                all.push(whole(value.bytes().map(one).collect()));
            }
        }
    }
    all
}

/// As most write it, with only ASCII, with what HTML minds escaped, and with slashes escaped.
fn json(value: &str) -> Vec<Spelling> {
    let text = serde_json::Value::from(value).to_string();
    let text = text.get(1..text.len() - 1).unwrap_or_default().to_owned();
    let unicode = |c: char, upper: bool| {
        let units = c.encode_utf16(&mut [0; 2]).to_vec();
        units
            .iter()
            .map(|u| if upper { format!("\\u{u:04X}") } else { format!("\\u{u:04x}") })
            .collect::<String>()
    };
    let escaped = |escape: &dyn Fn(char) -> bool, upper: bool| {
        text.chars().map(|c| if escape(c) { unicode(c, upper) } else { c.to_string() }).collect::<String>()
    };
    let html = |c: char| "<>&".contains(c);
    let mut all = vec![text.clone(), escaped(&html, false), escaped(&html, true)];
    for upper in [false, true] {
        let ascii = escaped(&|c| !c.is_ascii(), upper);
        all.push(ascii.replace('/', "\\/"));
        all.push(ascii);
        all.push(escaped(&|c| html(c) || !c.is_ascii(), upper));
    }
    all.into_iter().map(whole).collect()
}

/// As `set -x` and `printf %q` print it, and as people and libraries quote it.
fn shell(value: &str) -> Vec<Spelling> {
    let safe = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    let behind = |c: char| if safe(c) { c.to_string() } else { format!("\\{c}") };
    let double = |c: char| if "\\\"$`".contains(c) { format!("\\{c}") } else { c.to_string() };
    let ansi = |c: char| match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\'' | '\\' => format!("\\{c}"),
        c => c.to_string(),
    };
    let all = [
        value.replace('\'', "'\\''"),
        value.replace('\'', "'\"'\"'"),
        value.chars().map(double).collect(),
        value.chars().map(behind).collect(),
        value.chars().map(ansi).collect(),
    ];
    all.into_iter().map(whole).collect()
}
