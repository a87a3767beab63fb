//! Pictures: the loss curve, reconstructions, the result of a query, and a table.

use anyhow::{Context, Result};
use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs::png::PngEncoder, imageops};
use plotters::{
    prelude::*,
    style::{
        FontStyle, register_font,
        text_anchor::{HPos, Pos, VPos},
    },
};

use lookalike::thumbnail::shrink;

use crate::train::EpochLoss;

const BLUE: RGBColor = RGBColor(37, 99, 235);
const ORANGE: RGBColor = RGBColor(217, 119, 6);
const INK: RGBColor = RGBColor(30, 30, 30);

/// Side of a photo in the picture of a query, in pixels.
const TILE: u32 = 220;
const MARGIN: u32 = 16;
/// Room for two lines of text under a photo.
const CAPTION: u32 = 52;
const COLUMNS: u32 = 3;

/// Makes the one font known under plotters' usual name; twice does no harm.
fn use_font() -> Result<()> {
    let font = epaint_default_fonts::UBUNTU_LIGHT;
    register_font("sans-serif", FontStyle::Normal, font).map_err(|_| anyhow::anyhow!("the font can't be read"))
}

/// A picture as the bytes of a PNG file.
///
/// # Errors
/// What the PNG encoder says.
pub fn png(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    PngEncoder::new(&mut bytes).write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

/// Draws the loss of each epoch, on a logarithmic scale.
///
/// # Errors
/// What plotters says.
pub fn loss_curve(history: &[EpochLoss]) -> Result<RgbImage> {
    use_font()?;
    let (width, height) = (960, 540);
    let mut picture = RgbImage::new(width, height);
    draw_losses(picture.as_mut(), (width, height), history)
        .map_err(|e| anyhow::anyhow!("the loss can't be drawn: {e}"))?;
    Ok(picture)
}

fn draw_losses(buffer: &mut [u8], size: (u32, u32), history: &[EpochLoss]) -> Result<(), Box<dyn std::error::Error>> {
    let losses = || history.iter().flat_map(|e| [e.training, e.validation]);
    let low = losses().fold(f64::INFINITY, f64::min).clamp(1e-9, 1e9) * 0.9;
    let high = losses().fold(0.0, f64::max).clamp(low, 1e9) * 1.1;
    let root = BitMapBackend::with_buffer(buffer, size).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption("Mean squared error of the reconstruction", ("sans-serif", 24))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(76)
        .build_cartesian_2d(1.0..history.len().max(2) as f64, (low..high).log_scale())?;
    chart.configure_mesh().x_desc("epoch").y_desc("loss").label_style(("sans-serif", 16)).draw()?;
    let training: Vec<_> = history.iter().map(|e| (e.epoch as f64, e.training)).collect();
    let validation: Vec<_> = history.iter().map(|e| (e.epoch as f64, e.validation)).collect();
    for (name, colour, points) in [("training", BLUE, training), ("validation", ORANGE, validation)] {
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().label_font(("sans-serif", 16)).background_style(WHITE).border_style(INK).draw()?;
    root.present()?;
    Ok(())
}

/// Rows of two: an original above its reconstruction, side by side.
pub fn pairs(pairs: &[(RgbImage, RgbImage)]) -> RgbImage {
    let side = pairs.first().map_or(1, |(original, _)| original.width());
    let (scale, gap) = ((128 / side).max(1), 8);
    let step = side * scale + gap;
    let mut picture = RgbImage::from_pixel(pairs.len() as u32 * step + gap, 2 * step + gap, image::Rgb([255; 3]));
    for (at, (original, reconstruction)) in (0_u32..).zip(pairs) {
        for (row, part) in (0_u32..).zip([original, reconstruction]) {
            let large = imageops::resize(part, side * scale, side * scale, imageops::FilterType::Nearest);
            imageops::replace(&mut picture, &large, i64::from(gap + at * step), i64::from(gap + row * step));
        }
    }
    picture
}

/// A photo with two lines of text.
pub struct Captioned {
    /// The photo.
    pub picture: RgbImage,
    /// The first line.
    pub title: String,
    /// The second line.
    pub detail: String,
}

/// The query in a row of its own, and its results in rows of three.
///
/// # Errors
/// What plotters says.
pub fn query(query: &Captioned, results: &[Captioned]) -> Result<RgbImage> {
    use_font()?;
    let rows = 1 + (results.len() as u32).div_ceil(COLUMNS);
    let (width, height) = (MARGIN + COLUMNS * (TILE + MARGIN), MARGIN + rows * (TILE + CAPTION + MARGIN));
    let mut picture = RgbImage::from_pixel(width, height, image::Rgb([255; 3]));
    let place = |at: u32| {
        let (row, column) = if at == 0 { (0, 0) } else { (1 + (at - 1) / COLUMNS, (at - 1) % COLUMNS) };
        (MARGIN + column * (TILE + MARGIN), MARGIN + row * (TILE + CAPTION + MARGIN))
    };
    let all: Vec<_> = std::iter::once(query).chain(results).collect();
    for (at, captioned) in (0_u32..).zip(&all) {
        let small = shrink(&captioned.picture, TILE);
        let (x, y) = place(at);
        let (left, top) = (x + (TILE - small.width()) / 2, y + (TILE - small.height()) / 2);
        imageops::replace(&mut picture, &small, i64::from(left), i64::from(top));
    }
    let captions = (0_u32..).zip(&all).map(|(at, c)| (place(at), [c.title.as_str(), &c.detail])).collect::<Vec<_>>();
    draw_captions(picture.as_mut(), (width, height), &captions)
        .map_err(|e| anyhow::anyhow!("{e}"))
        .context("the captions can't be drawn")?;
    Ok(picture)
}

type Caption<'a> = ((u32, u32), [&'a str; 2]);

fn draw_captions(
    buffer: &mut [u8],
    size: (u32, u32),
    captions: &[Caption<'_>],
) -> Result<(), Box<dyn std::error::Error>> {
    let root = BitMapBackend::with_buffer(buffer, size).into_drawing_area();
    for ((x, y), lines) in captions {
        for (line, text) in (0_u32..).zip(lines) {
            let place = (*x as i32, (y + TILE + 6 + line * 22) as i32);
            root.draw(&Text::new(shortened(text), place, ("sans-serif", 17).into_font().color(&INK)))?;
        }
    }
    root.present()?;
    Ok(())
}

/// Height of a table's row, and the gap between its columns, in pixels.
const ROW: u32 = 34;
const GAP: u32 = 28;

/// A table under a title. The first row holds the headings, the first column the names; numbers stand to the right.
///
/// # Errors
/// What plotters says.
pub fn table<const N: usize>(title: &str, rows: &[[String; N]]) -> Result<RgbImage> {
    use_font()?;
    draw_table(title, rows).map_err(|e| anyhow::anyhow!("the table can't be drawn: {e}"))
}

fn draw_table<const N: usize>(title: &str, rows: &[[String; N]]) -> Result<RgbImage, Box<dyn std::error::Error>> {
    let font = ("sans-serif", 18).into_font();
    let mut widths = [0; N];
    for (column, cell) in rows.iter().flat_map(|row| row.iter().enumerate()) {
        widths[column] = font.box_size(cell)?.0.max(widths[column]);
    }
    // Where each column ends.
    let ends: Vec<_> = widths
        .iter()
        .scan(MARGIN, |end, width| {
            *end += width + GAP;
            Some(*end - GAP)
        })
        .collect();
    let size = (ends.last().unwrap_or(&0) + MARGIN, 2 * MARGIN + (1 + rows.len() as u32) * ROW);
    let mut picture = RgbImage::from_pixel(size.0, size.1, image::Rgb([255; 3]));
    let root = BitMapBackend::with_buffer(picture.as_mut(), size).into_drawing_area();
    let (left, right) = (font.color(&INK), font.color(&INK).pos(Pos::new(HPos::Right, VPos::Top)));
    root.draw(&Text::new(title, (MARGIN as i32, MARGIN as i32), left.clone()))?;
    for (row, y) in rows.iter().zip((MARGIN + ROW..).step_by(ROW as usize)) {
        root.draw(&Text::new(row[0].as_str(), (MARGIN as i32, y as i32), left.clone()))?;
        for (cell, &end) in row.iter().zip(&ends).skip(1) {
            root.draw(&Text::new(cell.as_str(), (end as i32, y as i32), right.clone()))?;
        }
    }
    let below = (MARGIN + 2 * ROW - 8) as i32;
    root.draw(&PathElement::new([(MARGIN as i32, below), ((size.0 - MARGIN) as i32, below)], INK))?;
    root.present()?;
    drop(root);
    Ok(picture)
}

/// The end of a path says more than its beginning.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 28;
    let count = text.chars().count();
    if count <= LONGEST {
        text.to_owned()
    } else {
        format!("…{}", text.chars().skip(count + 1 - LONGEST).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_curve_has_ink() {
        let history: Vec<_> = (1..5)
            .map(|epoch| EpochLoss { epoch, training: 0.1 / epoch as f64, validation: 0.12 / epoch as f64 })
            .collect();
        let picture = loss_curve(&history).unwrap();
        for colour in [BLUE, ORANGE] {
            assert!(picture.pixels().any(|p| p.0 == [colour.0, colour.1, colour.2]));
        }
    }

    #[test]
    fn one_epoch_and_zero_loss_can_be_drawn() {
        assert!(loss_curve(&[EpochLoss { epoch: 1, training: 0.0, validation: 0.0 }]).is_ok());
    }

    #[test]
    fn a_query_with_results_is_drawn() {
        let captioned =
            |title: &str| Captioned { picture: RgbImage::new(300, 200), title: title.into(), detail: "0.9".into() };
        let picture = query(
            &captioned("query"),
            &[captioned("a"), captioned("a/very/long/path/to/a/photo/that/is/far/away.jpg")],
        )
        .unwrap();
        assert_eq!(picture.dimensions(), (724, 592));
    }

    #[test]
    fn a_table_grows_with_its_cells() {
        let row = |name: &str| [name.to_owned(), "12.5 %".to_owned()];
        let (narrow, wide) = (table("title", &[row("a"), row("b")]), table("title", &vec![row("a long name"); 3]));
        let (narrow, wide) = (narrow.unwrap(), wide.unwrap());
        assert!(narrow.width() < wide.width() && narrow.height() < wide.height());
        assert!(narrow.pixels().any(|p| p.0[0] < 100));
    }
}
