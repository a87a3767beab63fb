//! Several photos as one query: what they have in common, or what one has and another has not.
//!
//! The embedding of a mix is the sum of its photos' unit embeddings, each times its weight, at unit length again:
//! the direction that is nearest to those with a positive weight and away from those with a negative one.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    crop::Crop,
    embedding::{Embedding, EmbeddingError},
};

/// As many photos are taken together at most.
pub const MOST: usize = 6;

/// A sum shorter than this has lost its direction: what is left of it is rounding.
const LEAST_NORM: f64 = 1e-3;

/// A photo's weight in tenths, −10 to 10: exact, whoever counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight(pub i8);

impl Weight {
    /// A photo as it is.
    pub const ONE: Self = Self(10);

    /// Half of what another photo shows is taken away.
    pub const LESS: Self = Self(-5);

    /// As a factor.
    pub fn factor(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

/// A photo as an address names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its path in the collection.
    pub path: String,
    /// The part of it that is looked at; `None`: the whole photo.
    pub part: Option<Crop>,
    /// How much it counts.
    pub weight: Weight,
}

/// Several photos in an address, `10/birds/wren.jpg//-5,200,200,600,600/cats/tom.jpg`: of each the weight in tenths, the
/// box if there is one, and the path, in which no slash follows another.
pub fn write(photos: &[Named]) -> String {
    let mut words = String::new();
    for Named { path, part, weight } in photos {
        if !words.is_empty() {
            words.push_str("//");
        }
        words += &weight.0.to_string();
        if let Some(part) = part {
            words.push(',');
            words += &part.to_string();
        }
        words.push('/');
        words += path;
    }
    words
}

/// Reads what [`write`] writes; `None`: not several photos.
pub fn read(words: &str) -> Option<Vec<Named>> {
    let mut photos: Vec<Named> = Vec::new();
    let mut begins = true;
    for word in words.split('/') {
        match photos.last_mut() {
            _ if begins => photos.push(nameless(word)?),
            Some(photo) if !word.is_empty() => {
                if !photo.path.is_empty() {
                    photo.path.push('/');
                }
                photo.path.push_str(word);
            }
            _ => {}
        }
        begins = !begins && word.is_empty();
    }
    let whole = photos.iter().all(|photo| !photo.path.is_empty());
    (whole && (2..=MOST).contains(&photos.len())).then_some(photos)
}

/// Weight and box of a photo whose path follows.
fn nameless(word: &str) -> Option<Named> {
    let (weight, part) = word.split_once(',').map_or((word, None), |(weight, part)| (weight, Some(part)));
    let part = part.map(|part| Crop::parse(part).ok_or(())).transpose().ok()?;
    let weight = weight.parse::<i32>().ok().filter(|weight| weight.abs() <= 10)?;
    Some(Named { path: String::new(), part, weight: Weight(weight as i8) })
}

/// Why photos have no mix.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MixError {
    /// Nothing is left of them.
    #[error("the photos cancel each other out; give one of them another weight")]
    Nothing,
    /// Embeddings of different galleries, or none.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
}

/// The embedding of several photos together.
///
/// # Errors
/// Weights that are all zero, or photos that cancel each other out.
pub fn mix(photos: &[(Embedding, Weight)]) -> Result<Embedding, MixError> {
    let width = photos.first().map_or(0, |(embedding, _)| embedding.width());
    let mut sum = vec![0.0_f64; width];
    for (embedding, weight) in photos {
        if embedding.width() != width {
            return Err(EmbeddingError::Width(embedding.width()).into());
        }
        sum.iter_mut().zip(embedding.as_slice()).for_each(|(sum, &x)| *sum += weight.factor() * f64::from(x));
    }
    if sum.iter().map(|x| x * x).sum::<f64>().sqrt() < LEAST_NORM {
        return Err(MixError::Nothing);
    }
    Ok(Embedding::from_features(sum.into_iter().map(|x| x as f32).collect())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(features: &[f32]) -> Embedding {
        Embedding::from_features(features.to_vec()).unwrap()
    }

    #[test]
    fn one_photo_is_itself_whatever_its_weight() {
        let photo = unit(&[0.6, 0.8]);
        assert_eq!(mix(&[(photo.clone(), Weight::ONE)]).unwrap(), photo);
        assert!(mix(&[(photo.clone(), Weight(3))]).unwrap().similarity(&photo) > 0.999_999);
        assert!(mix(&[(photo.clone(), Weight(-10))]).unwrap().similarity(&photo) < -0.999_999);
    }

    #[test]
    fn a_mix_lies_between_its_photos_nearer_to_the_heavier() {
        let (one, other) = (unit(&[1.0, 0.0]), unit(&[0.0, 1.0]));
        let middle = mix(&[(one.clone(), Weight::ONE), (other.clone(), Weight::ONE)]).unwrap();
        assert!((middle.similarity(&one) - middle.similarity(&other)).abs() < 1e-6);
        let less = mix(&[(one, Weight::ONE), (other, Weight::LESS)]).unwrap();
        let expected = unit(&[1.0, -0.5]);
        assert!(less.as_slice().iter().zip(expected.as_slice()).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn what_cancels_out_is_told() {
        let photo = unit(&[0.6, 0.8]);
        let pair = |weight| [(photo.clone(), Weight::ONE), (photo.clone(), Weight(weight))];
        assert_eq!(mix(&pair(-10)), Err(MixError::Nothing));
        assert_eq!(mix(&[(photo.clone(), Weight(0))]), Err(MixError::Nothing));
        assert!(mix(&pair(-9)).is_ok());
        assert_eq!(mix(&[]), Err(MixError::Nothing));
    }

    #[test]
    fn an_address_names_photos_boxes_and_weights() {
        let named = |path: &str, part: Option<&str>, weight| Named {
            path: path.to_owned(),
            part: part.map(|part| Crop::parse(part).unwrap()),
            weight: Weight(weight),
        };
        let photos = [
            named("birds/a wren, 2.jpg", None, 10),
            named("tom.jpg", Some("200,0,600,1"), -5),
            named("a/b/c", None, 0),
        ];
        let words = write(&photos);
        assert_eq!(words, "10/birds/a wren, 2.jpg//-5,200,0,600,1/tom.jpg//0/a/b/c");
        assert_eq!(read(&words).unwrap(), photos);
    }

    #[test]
    fn what_names_no_mix_is_none() {
        let many = ["1/a"; MOST + 1].join("//");
        for words in [
            "",
            "10/a",
            "10/a//",
            "10/a//b",
            "11/a//1/b",
            "-11/a//1/b",
            "x/a//1/b",
            "1.5/a//1/b",
            "1,1,2/a//1/b",
            "10//1/b",
            "/10/a//1/b",
            "1,0,0,1001,1/a//1/b",
            &many,
        ] {
            assert_eq!(read(words), None, "{words}");
        }
    }

    #[test]
    fn embeddings_of_different_widths_do_not_mix() {
        let photos = [(unit(&[1.0]), Weight::ONE), (unit(&[1.0, 1.0]), Weight::ONE)];
        assert_eq!(mix(&photos), Err(MixError::Embedding(EmbeddingError::Width(2))));
    }
}
