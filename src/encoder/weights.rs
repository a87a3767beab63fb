//! The stored form of a network's weights.

use std::fmt;

use half::{bf16, f16};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, SeqAccess, Visitor},
};

use super::packed;

/// One named tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightTensor {
    /// The path of the parameter in its network, e.g. `layers.0.weight`.
    pub name: String,
    /// Its axes, outermost first.
    pub shape: Vec<u32>,
    /// Its numbers, the last axis running fastest.
    pub values: TensorValues,
}

/// The numbers of a tensor. Arithmetic is always in f32.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TensorValues {
    /// As they are.
    F32(Vec<f32>),
    /// IEEE half precision, as bits.
    F16(Vec<u16>),
    /// Eight bits, each place of the last axis (an output channel) with a scale of its own.
    I8 {
        /// What a value of each channel is multiplied with: the upper half of an f32, as bits.
        scales: Vec<u16>,
        /// The numbers over their scales, the last axis running fastest.
        #[serde(with = "packed")]
        values: Vec<i8>,
    },
}

impl TensorValues {
    /// Rounds to half precision.
    pub fn half(values: &[f32]) -> Self {
        Self::F16(values.iter().map(|&x| f16::from_f32(x).to_bits()).collect())
    }

    /// Rounds to multiples of a step for each channel, at most 127 of them.
    ///
    /// `steps` are positive, and as many as the last axis is long. What lies beyond 127 steps is clipped.
    pub fn quantised(values: &[f32], steps: &[f32]) -> Self {
        // The step as it is stored, rounded before it is used, costs no precision.
        let scales: Vec<bf16> = steps.iter().map(|&step| scale(step)).collect();
        let channel = |at: usize| scales[at % scales.len().max(1)].to_f32();
        let round = |(at, &x): (usize, &f32)| (x / channel(at)).round().clamp(-127.0, 127.0) as i8;
        Self::I8 {
            values: values.iter().enumerate().map(round).collect(),
            scales: scales.iter().map(|scale| scale.to_bits()).collect(),
        }
    }

    /// The step that [`quantised`](Self::quantised) uses for this one.
    pub fn stored_step(step: f32) -> f32 {
        scale(step).to_f32()
    }

    /// The numbers as f32.
    pub fn to_f32(&self) -> Vec<f32> {
        match self {
            Self::F32(values) => values.clone(),
            Self::F16(bits) => bits.iter().map(|&b| f16::from_bits(b).to_f32()).collect(),
            Self::I8 { scales, values } => {
                let scales: Vec<_> = scales.iter().map(|&bits| bf16::from_bits(bits).to_f32()).collect();
                values.iter().zip(scales.iter().cycle()).map(|(&value, scale)| f32::from(value) * scale).collect()
            }
        }
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F16(bits) => bits.len(),
            // Without scales, or with others than fit, there is no number to be had.
            Self::I8 { scales, values } if scales.is_empty() || values.len() % scales.len() != 0 => 0,
            Self::I8 { values, .. } => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Numbers of all tensors of a file, at most: so many fill a file that is not packed.
const MOST: usize = 1 << 26;

/// Reads tensors one by one: a few packed bytes may be millions of numbers, and a file may hold such bytes many times.
pub(crate) fn bounded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<WeightTensor>, D::Error> {
    struct Bounded;

    impl<'de> Visitor<'de> for Bounded {
        type Value = Vec<WeightTensor>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("tensors")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut tensors: A) -> Result<Self::Value, A::Error> {
            let (mut read, mut numbers) = (Vec::new(), 0);
            while let Some(tensor) = tensors.next_element::<WeightTensor>()? {
                numbers += match &tensor.values {
                    TensorValues::F32(values) => values.len(),
                    TensorValues::F16(bits) => bits.len(),
                    TensorValues::I8 { values, .. } => values.len(),
                };
                if numbers > MOST {
                    return Err(A::Error::custom("its weights are more numbers than a network has"));
                }
                read.push(tensor);
            }
            Ok(read)
        }
    }

    deserializer.deserialize_seq(Bounded)
}

fn scale(step: f32) -> bf16 {
    bf16::from_f32(step.max(f32::MIN_POSITIVE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::codec;

    #[test]
    fn eight_bits_are_off_by_half_a_step_of_their_channel() {
        let numbers: Vec<f32> =
            (0..60).map(|at| ((at * 37 % 61) as f32 - 30.0) * if at % 3 == 0 { 0.01 } else { 1.0 }).collect();
        let steps = [0.004, 0.5, 0.25];
        let stored = TensorValues::quantised(&numbers, &steps);
        assert_eq!(stored.len(), 60);
        for (at, (read, number)) in stored.to_f32().iter().zip(&numbers).enumerate() {
            // The stored step is rounded to eight bits of mantissa.
            assert!((read - number).abs() <= 0.502 * steps[at % 3], "{read} for {number}");
        }
    }

    #[test]
    fn few_bytes_that_would_be_too_many_numbers_are_refused() {
        let [zeros, one] = [1 << 22, 1].map(|count| WeightTensor {
            name: String::new(),
            shape: Vec::new(),
            values: TensorValues::I8 { scales: Vec::new(), values: vec![0; count] },
        });
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct File(#[serde(deserialize_with = "bounded")] Vec<WeightTensor>);
        let read = |file: &File| codec::decode::<File>(&codec::encode(file).unwrap());
        let mut file = File(vec![zeros; 16]);
        assert_eq!(read(&file).as_ref(), Ok(&file));
        file.0.push(one);
        assert_eq!(read(&file), Err("its weights are more numbers than a network has".to_owned()));
    }

    #[test]
    fn scales_that_do_not_fit_give_no_numbers() {
        assert!(TensorValues::I8 { scales: vec![], values: vec![1, 2] }.is_empty());
        assert!(TensorValues::I8 { scales: vec![1, 2], values: vec![1, 2, 3] }.is_empty());
    }
}
