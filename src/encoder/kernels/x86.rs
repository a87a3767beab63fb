//! Registers of eight and of sixteen numbers. Programs are built for every x86-64 processor, so what this one has is asked
//! for when the program runs.

use std::arch::x86_64::{__m256, __m512};

use pulp::{
    NullaryFnOnce, cast,
    x86::{V3, V4},
};

use super::lanes::{Four, Kernel, Simd};

/// The kinds of registers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Registers {
    Four,
    Eight(V3),
    Sixteen(V4),
}

impl Registers {
    /// The widest that this machine has.
    pub(super) fn widest() -> Self {
        Self::there().next().unwrap_or(Self::Four)
    }

    /// All that this machine has, the widest first.
    pub(super) fn there() -> impl Iterator<Item = Self> {
        let wide = [V4::try_new().map(Self::Sixteen), V3::try_new().map(Self::Eight)];
        wide.into_iter().flatten().chain([Self::Four])
    }

    pub(super) fn run(self, kernel: impl Kernel) {
        match self {
            Self::Sixteen(simd) => simd.vectorize(Run::<_, _, 1, 8> { kernel, simd }),
            Self::Eight(simd) => simd.vectorize(Run::<_, _, 2, 4> { kernel, simd }),
            Self::Four => kernel.run(Four),
        }
    }
}

/// A kernel in a function that is compiled for a processor with these registers, as all that it calls must be inlined.
struct Run<K, S, const N: usize, const R: usize> {
    kernel: K,
    simd: S,
}

impl<K: Kernel, S: Simd<N, R>, const N: usize, const R: usize> NullaryFnOnce for Run<K, S, N, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.kernel.run(self.simd);
    }
}

/// AVX: eight numbers in a register, and sixteen registers.
impl Simd<2, 4> for V3 {
    type Register = __m256;

    #[inline(always)]
    fn splat(self, value: f32) -> __m256 {
        self.avx._mm256_set1_ps(value)
    }

    #[inline(always)]
    fn load(self, values: &[f32]) -> __m256 {
        values.first_chunk::<8>().map_or(self.splat(0.0), |values| cast(*values))
    }

    #[inline(always)]
    fn store(self, register: __m256, values: &mut [f32]) {
        if let Some(values) = values.first_chunk_mut::<8>() {
            *values = cast(register);
        }
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_add_ps(a, b)
    }

    #[inline(always)]
    fn multiply(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_mul_ps(a, b)
    }

    #[inline(always)]
    fn between(self, least: __m256, x: __m256, most: __m256) -> __m256 {
        self.avx._mm256_min_ps(self.avx._mm256_max_ps(x, least), most)
    }
}

/// AVX-512: sixteen numbers in a register, and 32 registers.
impl Simd<1, 8> for V4 {
    type Register = __m512;

    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        self.avx512f._mm512_set1_ps(value)
    }

    #[inline(always)]
    fn load(self, values: &[f32]) -> __m512 {
        values.first_chunk::<16>().map_or(self.splat(0.0), |values| cast(*values))
    }

    #[inline(always)]
    fn store(self, register: __m512, values: &mut [f32]) {
        if let Some(values) = values.first_chunk_mut::<16>() {
            *values = cast(register);
        }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        self.avx512f._mm512_add_ps(a, b)
    }

    #[inline(always)]
    fn multiply(self, a: __m512, b: __m512) -> __m512 {
        self.avx512f._mm512_mul_ps(a, b)
    }

    #[inline(always)]
    fn between(self, least: __m512, x: __m512, most: __m512) -> __m512 {
        self.avx512f._mm512_min_ps(self.avx512f._mm512_max_ps(x, least), most)
    }
}
