//! Registers of eight and of sixteen numbers. Programs are built for every x86-64 processor, so what this one has is asked
//! for when the program runs.

use pulp::{
    NullaryFnOnce,
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
            Self::Sixteen(simd) => simd.vectorize(Run::<_, _, 1, 8> { kernel, simd: Found(simd) }),
            Self::Eight(simd) => simd.vectorize(Run::<_, _, 2, 4> { kernel, simd: Found(simd) }),
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

/// The registers of a processor that `pulp` has found.
#[derive(Clone, Copy)]
struct Found<S>(S);

impl<S: pulp::Simd, const N: usize, const R: usize> Simd<N, R> for Found<S> {
    type Register = S::f32s;

    #[inline(always)]
    fn splat(self, value: f32) -> S::f32s {
        self.0.splat_f32s(value)
    }

    #[inline(always)]
    fn load(self, values: &[f32]) -> S::f32s {
        S::as_simd_f32s(values).0.first().copied().unwrap_or(self.0.splat_f32s(0.0))
    }

    #[inline(always)]
    fn store(self, register: S::f32s, values: &mut [f32]) {
        if let Some(values) = S::as_mut_simd_f32s(values).0.first_mut() {
            *values = register;
        }
    }

    #[inline(always)]
    fn add(self, a: S::f32s, b: S::f32s) -> S::f32s {
        self.0.add_f32s(a, b)
    }

    #[inline(always)]
    fn multiply(self, a: S::f32s, b: S::f32s) -> S::f32s {
        self.0.mul_f32s(a, b)
    }

    #[inline(always)]
    fn between(self, least: S::f32s, x: S::f32s, most: S::f32s) -> S::f32s {
        self.0.min_f32s(self.0.max_f32s(x, least), most)
    }
}
