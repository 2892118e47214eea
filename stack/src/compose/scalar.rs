//! What an unquoted word of YAML is. Version 1.2, but with the numbers of 1.1 (`0755` is octal,
//! `1_000` a thousand), as the docker CLI reads them; `yes`, `no`, `on` and `off` are text.

use super::yaml::Value;

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
        let number = i64::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with(['+', '-']))?;
        Some(Value::Int(if negative { -number } else { number }))
    };
    if let Some(hex) = digits.strip_prefix("0x") {
        return radix(hex, 16);
    }
    if let Some(octal) = digits.strip_prefix("0o") {
        return radix(octal, 8);
    }
    if let Some(binary) = digits.strip_prefix("0b") {
        return radix(binary, 2);
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b < b'8') {
            return radix(&digits[1..], 8);
        }
        return radix(digits, 10).or_else(|| float(&bare));
    }
    float(&bare)
}

fn float(text: &str) -> Option<Value> {
    let shape = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        && text.bytes().any(|b| b.is_ascii_digit());
    let number: f64 = text.parse().ok().filter(|_| shape)?;
    Some(Value::Float(show(number)))
}

/// As Go prints it: `1.5`, `1e+06`.
fn show(number: f64) -> String {
    let exponent = if number == 0.0 { 0.0 } else { number.abs().log10().floor() };
    if (-4.0..21.0).contains(&exponent) && (exponent < 6.0 || number.fract() != 0.0) {
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
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
    }
}
