//! Sixteen channels in SIMD registers, and what the kernels do with them.
//!
//! Registers of every width give the same bits: a product is rounded before it is added (no fused multiply-add), and each
//! channel's sum is taken by itself, in the kernel's order.

use wide::f32x4;

use super::ops::SIX;

/// Channels at a time.
pub(super) const LANES: usize = 16;

/// A processor's registers: `N` of them hold sixteen numbers, and a product has room for `R` rows in them.
pub(super) trait Simd<const N: usize, const R: usize>: Copy {
    type Register: Copy;

    fn splat(self, value: f32) -> Self::Register;

    /// The first `16 / N` values; zeros if there are fewer.
    fn load(self, values: &[f32]) -> Self::Register;

    /// Puts `16 / N` values; nothing where there is less room.
    fn store(self, register: Self::Register, values: &mut [f32]);

    fn add(self, a: Self::Register, b: Self::Register) -> Self::Register;

    fn multiply(self, a: Self::Register, b: Self::Register) -> Self::Register;

    fn between(self, least: Self::Register, x: Self::Register, most: Self::Register) -> Self::Register;

    #[inline(always)]
    fn add_product(self, sum: Self::Register, a: Self::Register, b: Self::Register) -> Self::Register {
        self.add(sum, self.multiply(a, b))
    }

    /// The first sixteen values, or zeros where there are fewer.
    #[inline(always)]
    fn load_lanes(self, values: &[f32]) -> [Self::Register; N] {
        match values.first_chunk::<LANES>() {
            Some(values) => std::array::from_fn(
                #[inline(always)]
                |at| self.load(&values[at * (LANES / N)..][..LANES / N]),
            ),
            None => self.load_rest(values),
        }
    }

    #[cold]
    fn load_rest(self, values: &[f32]) -> [Self::Register; N] {
        self.load_lanes(&std::array::from_fn::<f32, LANES, _>(|at| values.get(at).copied().unwrap_or(0.0)))
    }

    /// Puts as many of the sixteen as there is room for.
    #[inline(always)]
    fn store_lanes(self, lanes: [Self::Register; N], values: &mut [f32]) {
        match values.first_chunk_mut::<LANES>() {
            Some(values) => {
                for (lane, values) in lanes.into_iter().zip(values.chunks_exact_mut(LANES / N)) {
                    self.store(lane, values);
                }
            }
            None => self.store_rest(lanes, values),
        }
    }

    #[cold]
    fn store_rest(self, lanes: [Self::Register; N], values: &mut [f32]) {
        let mut all = [0.0; LANES];
        self.store_lanes(lanes, &mut all);
        values.iter_mut().zip(all).for_each(|(to, from)| *to = from);
    }

    /// ReLU6, if asked for.
    #[inline(always)]
    fn relu6(self, lanes: [Self::Register; N], clip: bool) -> [Self::Register; N] {
        if clip {
            lanes.map(
                #[inline(always)]
                |lane| self.between(self.splat(0.0), lane, self.splat(SIX)),
            )
        } else {
            lanes
        }
    }
}

/// Work on lanes, whatever the registers.
pub(super) trait Kernel {
    fn run<S: Simd<N, R>, const N: usize, const R: usize>(self, simd: S);
}

/// Four numbers in a register: what every processor has that runs this program.
#[derive(Clone, Copy)]
pub(super) struct Four;

impl Simd<4, 2> for Four {
    type Register = f32x4;

    #[inline(always)]
    fn splat(self, value: f32) -> f32x4 {
        f32x4::splat(value)
    }

    #[inline(always)]
    fn load(self, values: &[f32]) -> f32x4 {
        values.first_chunk().map_or(f32x4::ZERO, |values| f32x4::new(*values))
    }

    #[inline(always)]
    fn store(self, register: f32x4, values: &mut [f32]) {
        if let Some(values) = values.first_chunk_mut() {
            *values = register.to_array();
        }
    }

    #[inline(always)]
    fn add(self, a: f32x4, b: f32x4) -> f32x4 {
        a + b
    }

    #[inline(always)]
    fn multiply(self, a: f32x4, b: f32x4) -> f32x4 {
        a * b
    }

    #[inline(always)]
    fn between(self, least: f32x4, x: f32x4, most: f32x4) -> f32x4 {
        x.fast_max(least).fast_min(most)
    }
}

/// The kinds of registers.
#[cfg(not(target_arch = "x86_64"))]
#[derive(Debug, Clone, Copy)]
pub(super) enum Registers {
    Four,
}

#[cfg(not(target_arch = "x86_64"))]
impl Registers {
    /// The widest that this machine has.
    pub(super) fn widest() -> Self {
        Self::Four
    }

    /// All that this machine has.
    #[cfg(test)]
    pub(super) fn there() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Four)
    }

    #[inline(always)]
    pub(super) fn run(self, kernel: impl Kernel) {
        match self {
            Self::Four => kernel.run(Four),
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use super::x86::Registers;
