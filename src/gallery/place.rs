//! Places on the map as files hold them: two bytes a coordinate, a fifteenth of a pixel on a map of 4,000.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Steps from the middle of the map to its edge.
const STEPS: f32 = 32_767.0;

/// The place that readers get. Computing with these alone keeps every number of a site consistent.
pub fn as_read(place: [f32; 2]) -> [f32; 2] {
    place.map(steps).map(read)
}

fn steps(x: f32) -> i16 {
    (x.clamp(-1.0, 1.0) * STEPS).round() as i16
}

fn read(steps: i16) -> f32 {
    (f32::from(steps) / STEPS).max(-1.0)
}

pub(super) fn serialize<S: Serializer>(place: &[f32; 2], serializer: S) -> Result<S::Ok, S::Error> {
    place.map(steps).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f32; 2], D::Error> {
    Ok(<[i16; 2]>::deserialize(deserializer)?.map(read))
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // what is exact is meant
mod tests {
    use super::*;

    #[test]
    fn a_place_that_has_been_read_stays() {
        for steps_read in i16::MIN..=i16::MAX {
            let x = read(steps_read);
            assert!((-1.0..=1.0).contains(&x) && as_read([x, -x]) == [x, -x], "{steps_read}");
        }
    }

    #[test]
    fn no_place_moves_by_more_than_half_a_step_or_leaves_the_map() {
        for x in [0.0, 0.1, -0.333_33, 0.999_99, 1.0, -1.0] {
            assert!((as_read([x, x])[0] - x).abs() <= 0.5 / STEPS, "{x}");
        }
        assert_eq!(as_read([7.0, f32::NEG_INFINITY]), [1.0, -1.0]);
        assert_eq!(as_read([f32::NAN, 0.0]), [0.0, 0.0]);
    }
}
