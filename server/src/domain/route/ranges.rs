//! Lists of address ranges: who may come.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::{fault::Wrong, outbound::Cidr};

/// Ranges in one list at most.
const COUNT: usize = 100;

/// 1 to 100 ranges: `192.0.2.0/24`, `2001:db8::/32`, or one address. IPv4 within IPv6
/// (`::ffff:192.0.2.1`) is refused: no visitor is seen under such an address.
#[derive(Debug, Clone, PartialEq, Eq, utoipa::ToSchema)]
#[schema(value_type = Vec<String>)]
pub struct Ranges(Vec<Cidr>);

impl Ranges {
    /// The ranges.
    pub fn iter(&self) -> impl Iterator<Item = &Cidr> {
        self.0.iter()
    }

    /// Each as text, with its number of bits.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl Serialize for Ranges {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

/// One range, so that a fault names its number in the list.
struct Range(Cidr);

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::text(from, |text| {
            let range = Cidr::parse(text)?;
            if text.to_ascii_lowercase().starts_with("::ffff:") {
                let rule = "must be written as the IPv4 range that it is: `192.0.2.0/24`";
                return Err(Wrong::coded("invalid_range", rule));
            }
            Ok(range)
        })
        .map(Self)
    }
}

impl<'de> Deserialize<'de> for Ranges {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = Vec::<Range>::deserialize(from)?;
        if all.is_empty() || all.len() > COUNT {
            let rule = "must hold 1 to 100 ranges; to let everybody in, take the list away (`null`)";
            return Err(Wrong::coded("invalid_range", rule).for_serde());
        }
        Ok(Self(all.into_iter().map(|range| range.0).collect()))
    }
}
