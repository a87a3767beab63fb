//! The codec and bincode, which reads and writes the same bytes: both refuse, or both read the same.

use bincode::config::{Configuration, Fixint, Limit, LittleEndian};
use lookalike::gallery::{
    Cell, Entry, Part,
    codec::{decode, encode},
};
use serde::{Serialize, de::DeserializeOwned};

/// bincode asks for what the bytes claim: within this, it says so and gives up.
const CONFIG: Configuration<LittleEndian, Fixint, Limit<{ 1 << 20 }>> =
    bincode::config::standard().with_fixed_int_encoding().with_limit::<{ 1 << 20 }>();

fn both<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let theirs = bincode::serde::decode_from_slice::<T, _>(bytes, CONFIG).ok();
    match (decode::<T>(bytes), theirs.filter(|(_, used)| *used == bytes.len())) {
        (Ok(one), Some((other, _))) => {
            // Written and not compared: NaN is not equal to itself. Two numbers stand for the edge of the map, of which one is
            // written: what is written once comes out the same again.
            let written = encode(&one).unwrap();
            assert_eq!(bincode::serde::encode_to_vec(&other, CONFIG).ok().as_deref(), Some(&*written));
            assert_eq!(encode(&decode::<T>(&written).unwrap()).unwrap(), written);
        }
        (Err(_), None) => {}
        (one, other) => panic!("{:?} and {}", one.err(), other.is_some()),
    }
}

/// Reads these.
pub fn run(bytes: &[u8]) {
    let Some(payload) = bytes.get(24..) else { return };
    both::<Entry>(payload);
    both::<Cell>(payload);
    both::<Part>(payload);
}
