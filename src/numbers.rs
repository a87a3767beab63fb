//! Coordinates in addresses: whole ten-thousandths, joined by commas. Shorter than decimals, and their reader is tiny.

const ONE: f32 = 1e4;

/// As exact as an address.
pub fn round(x: f32) -> f32 {
    (x * ONE).round() / ONE
}

/// What stands in an address.
pub fn write(numbers: &[f32]) -> String {
    let mut words = String::new();
    for x in numbers {
        if !words.is_empty() {
            words.push(',');
        }
        words += &((x * ONE).round() as i32).to_string();
    }
    words
}

/// `None`: not a list of whole numbers.
pub fn read(words: &str) -> Option<Vec<f32>> {
    words.split(',').map(|word| word.parse::<i32>().ok().map(|x| x as f32 / ONE)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let numbers = [0.0, 1.0, -0.5, 0.1234, -37.25];
        assert_eq!(write(&numbers), "0,10000,-5000,1234,-372500");
        assert_eq!(read(&write(&numbers)).unwrap(), numbers);
        assert_eq!(write(&[round(1.0 / 3.0)]), "3333");
        assert_eq!(read("3333").unwrap(), [round(1.0 / 3.0)]);
        for nothing in ["", "1,", "1.5", "x", "1e3", "4294967296"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }
}
