//! Which photos of a folder belong to one of several parts.

use std::str::FromStr;

use lookalike::gallery::container::hash;

/// Part `number` of `of`. A photo's part follows from its own path alone: machines that see a folder at different
/// moments still agree about each photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    number: u64,
    of: u64,
}

impl Share {
    /// Everything.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Whether a photo belongs to it.
    pub fn holds(self, path: &str) -> bool {
        hash(path.as_bytes()) % self.of + 1 == self.number
    }
}

impl FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let reason = "give a part and how many there are, as 2/5: from 1/5 to 5/5";
        let (number, of) = text.split_once('/').ok_or(reason)?;
        let (number, of) = (number.parse().map_err(|_| reason)?, of.parse().map_err(|_| reason)?);
        if (1..=of).contains(&number) { Ok(Self { number, of }) } else { Err(reason) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_photo_belongs_to_one_share() {
        let shares: Vec<Share> = (1..=5).map(|number| format!("{number}/5").parse().unwrap()).collect();
        for at in 0..100 {
            let path = format!("birds/{at}.jpg");
            assert_eq!(shares.iter().filter(|share| share.holds(&path)).count(), 1);
            assert!(Share::WHOLE.holds(&path));
        }
    }

    #[test]
    fn senseless_shares_are_refused() {
        for text in ["", "1", "0/5", "6/5", "1/0", "-1/5", "a/b", "1/5/2"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
