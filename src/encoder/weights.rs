//! The stored form of a network's weights.

use half::f16;
use serde::{Deserialize, Serialize};

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
}

impl TensorValues {
    /// Rounds to half precision.
    pub fn half(values: &[f32]) -> Self {
        Self::F16(values.iter().map(|&x| f16::from_f32(x).to_bits()).collect())
    }

    /// The numbers as f32.
    pub fn to_f32(&self) -> Vec<f32> {
        match self {
            Self::F32(values) => values.clone(),
            Self::F16(bits) => bits.iter().map(|&b| f16::from_bits(b).to_f32()).collect(),
        }
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F16(bits) => bits.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
