//! What stands behind the `#` of an address: filters, boxes, mixes, views.

use lookalike::{crop::Crop, filter::Filter, map::view::View, mix, numbers};

/// Words alone are addresses.
pub fn run(bytes: &[u8]) {
    let Ok(words) = std::str::from_utf8(bytes) else { return };
    for part in Filter::PARTS {
        let Some(filter) = Filter::parse(part, words) else { continue };
        let written = filter.part(part).unwrap();
        assert!(Filter::parse(part, &written).is_some(), "{written} can't be read again");
    }
    if let Some(crop) = Crop::parse(words) {
        assert_eq!(Crop::parse(&crop.to_string()), Some(crop));
        let [left, top, width, height] = crop.pixels(30, 20);
        assert!(left + width <= 30 && top + height <= 20 && width > 0 && height > 0);
    }
    if let Some(photos) = mix::read(words) {
        assert_eq!(mix::read(&mix::write(&photos)), Some(photos));
    }
    if let Some(view) = View::parse(words) {
        let view = view.clamped(50.0);
        assert!(view.centre.iter().all(|x| (-1.0..=1.0).contains(x)) && (1.0..=50.0).contains(&view.zoom));
    }
    let _ = numbers::read(words);
}
