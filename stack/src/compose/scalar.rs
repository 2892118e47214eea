//! What an unquoted word of YAML is. Version 1.2, but with the numbers of 1.1 (`0755` is octal,
//! `1_000` a thousand), as the docker CLI reads them; `yes`, `no`, `on`, `off` and dates are text.

use super::yaml::Value;

/// Whether it is infinite or no number, which no key can take.
pub(super) fn endless(text: &str) -> bool {
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(bare, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// The value of a plain scalar.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).unwrap_or_else(|| Value::Text(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Value> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || b"+-.".contains(&first)) {
        return None;
    }
    let bare = text.replace('_', "");
    let (negative, digits) = match bare.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let radix = |digits: &str, radix: u32| {
        let number = u64::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with(['+', '-']))?;
        let signed = i128::from(number) * if negative { -1 } else { 1 };
        // What only fits without a sign is kept as it prints: no key takes such a number as one.
        Some(i64::try_from(signed).map_or_else(|_| Value::Float(signed.to_string()), Value::Int))
    };
    for (prefixes, base) in [(["0x", "0X"], 16), (["0o", "0O"], 8), (["0b", "0B"], 2)] {
        if let Some(digits) = prefixes.iter().find_map(|prefix| digits.strip_prefix(prefix)) {
            return radix(digits, base);
        }
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b < b'8') {
            return radix(&digits[1..], 8).or_else(|| float(&bare));
        }
        return radix(digits, 10).or_else(|| float(&bare));
    }
    float(&bare)
}

fn float(text: &str) -> Option<Value> {
    let shape = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        && text.bytes().any(|b| b.is_ascii_digit());
    let number: f64 = text.parse().ok().filter(|number: &f64| shape && number.is_finite())?;
    Some(Value::Float(show(number)))
}

/// As Go prints it: `1.5`, `1e+06`.
fn show(number: f64) -> String {
    let exponent = if number == 0.0 { 0.0 } else { number.abs().log10().floor() };
    if (-4.0..6.0).contains(&exponent) {
        return format!("{number}");
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, power)) => {
            let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
            format!("{digits}e{sign}{power:0>2}")
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_078_words_and_numbers() {
        for (text, value) in [
            ("no", Value::Text("no".to_owned())),
            ("22:22", Value::Text("22:22".to_owned())),
            ("yes", Value::Text("yes".to_owned())),
            ("True", Value::Bool(true)),
            ("0755", Value::Int(493)),
            ("0o755", Value::Int(493)),
            ("0x10", Value::Int(16)),
            ("1_000", Value::Int(1000)),
            ("-5", Value::Int(-5)),
            ("089", Value::Int(89)),
            ("1.50", Value::Float("1.5".to_owned())),
            ("1000000.0", Value::Float("1e+06".to_owned())),
            ("1.2.3", Value::Text("1.2.3".to_owned())),
            ("-", Value::Text("-".to_owned())),
            ("3.8", Value::Float("3.8".to_owned())),
            ("~", Value::Null),
            ("0X1F", Value::Int(31)),
            ("-0b11", Value::Int(-3)),
            ("0b2", Value::Text("0b2".to_owned())),
            ("1_", Value::Int(1)),
            ("_1", Value::Text("_1".to_owned())),
            ("1e", Value::Text("1e".to_owned())),
            ("+-5", Value::Text("+-5".to_owned())),
            ("-9223372036854775808", Value::Int(i64::MIN)),
            ("12345678901234567890", Value::Float("12345678901234567890".to_owned())),
            ("0777777777777777777777777", Value::Float("7.777777777777778e+23".to_owned())),
            ("123456789.5", Value::Float("1.234567895e+08".to_owned())),
            ("100000.5", Value::Float("100000.5".to_owned())),
            ("1e3", Value::Float("1000".to_owned())),
            ("1e20", Value::Float("1e+20".to_owned())),
            ("0.000012", Value::Float("1.2e-05".to_owned())),
            ("-0.0", Value::Float("-0".to_owned())),
            ("5.", Value::Float("5".to_owned())),
            ("1e400", Value::Text("1e400".to_owned())),
            ("2020-01-31", Value::Text("2020-01-31".to_owned())),
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
        for text in [".inf", "-.Inf", "+.INF", ".nan"] {
            assert!(endless(text), "{text}");
        }
        assert!(!endless("inf") && !endless("-.nan"));
    }
}
