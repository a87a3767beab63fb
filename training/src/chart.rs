//! Charts as inline SVG. Colours come from the classes of a style sheet; each chart tells in words what it shows, and has
//! its figures in a table.

use std::fmt::Write as _;

use crate::html::escaped;

/// Size of the drawing, in its own units: about CSS pixels on a phone.
const SIZE: [f64; 2] = [400.0, 260.0];
/// Room around the plot: left, right, top, bottom.
const ROOM: [f64; 4] = [52.0, 12.0, 12.0, 42.0];
/// Round numbers along an axis, about.
const MOST_TICKS: f64 = 6.5;
/// Height of a line of text.
const LINE: f64 = 14.0;

/// A chart.
pub struct Chart<'a> {
    /// Tells the page's charts apart.
    pub id: &'a str,
    /// Its heading.
    pub title: &'a str,
    /// What it shows, for readers who do not see it.
    pub description: String,
    /// From left to right.
    pub x: Axis<'a>,
    /// From bottom to top.
    pub y: Axis<'a>,
    /// What is drawn, the first undermost.
    pub drawn: Vec<Drawn<'a>>,
    /// Its figures.
    pub table: Table<'a>,
}

/// An axis.
pub struct Axis<'a> {
    /// What it measures.
    pub label: &'a str,
    /// Where it begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// A part of a chart.
pub enum Drawn<'a> {
    /// A line through points; with more than one line, each has a name and a class of its own.
    Line(&'a str, Vec<[f64; 2]>),
    /// A circle on each point.
    Dots(Vec<[f64; 2]>),
    /// Bars between two places on the x axis, `[left, right, height]`.
    Bars(Vec<[f64; 3]>),
    /// A line across the plot at a height, with a word.
    Level(f64, String),
    /// Lines from bottom to top, each with a word; the words stand below each other.
    Uprights(Vec<(f64, String)>),
}

/// The figures of a chart.
pub struct Table<'a> {
    /// The heading of each column.
    pub headings: Vec<&'a str>,
    /// The cells of each row.
    pub rows: Vec<Vec<String>>,
}

impl<'a> Axis<'a> {
    /// An axis that holds all values, and `low` and `high` where they are given. It is never empty.
    pub fn around(label: &'a str, values: impl IntoIterator<Item = f64>, low: Option<f64>) -> Self {
        let all = values.into_iter().chain(low);
        let (first, last) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        let (first, last) = if first <= last { (first, last) } else { (0.0, 1.0) };
        let room = if last > first { 0.06 * (last - first) } else { first.abs().max(1.0) * 0.1 };
        Self { label, low: low.unwrap_or(first - room), high: last + room }
    }

    /// Round numbers along it, and how many decimals tell them apart.
    fn ticks(&self) -> (Vec<f64>, usize) {
        let span = (self.high - self.low).max(f64::MIN_POSITIVE);
        // The largest power of ten that gives more ticks than there is room for; then 2, 5 or 10 of it.
        let (mut power, mut decimals) = (1.0, 0);
        while span / power <= MOST_TICKS && decimals < 9 {
            power /= 10.0;
            decimals += 1;
        }
        while span / (10.0 * power) > MOST_TICKS {
            power *= 10.0;
        }
        let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| span / (factor * power) <= MOST_TICKS).unwrap_or(10.0);
        let decimals = if factor > 5.0 && decimals > 0 { decimals - 1 } else { decimals };
        let step = factor * power;
        let (first, last) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        ((first..=last).map(|at| at as f64 * step).collect(), decimals)
    }
}

impl Chart<'_> {
    /// The figure: drawing, heading, and the table folded away.
    pub fn figure(&self) -> String {
        let (id, title, description) = (self.id, escaped(self.title), escaped(&self.description));
        let [width, height] = SIZE;
        format!(
            "<figure class=\"chart\" id=\"{id}\">\n<figcaption>{title}</figcaption>\n\
             <svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-words\">\n\
             <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-words\">{description}</desc>\n{}{}</svg>\n{}</figure>\n",
            self.axes(),
            self.drawn.iter().map(|drawn| self.part(drawn)).collect::<String>(),
            self.table.details(&title)
        )
    }

    fn place_x(&self, x: f64) -> f64 {
        let [left, right, ..] = ROOM;
        left + (x - self.x.low) / (self.x.high - self.x.low) * (SIZE[0] - left - right)
    }

    fn place_y(&self, y: f64) -> f64 {
        let [_, _, top, bottom] = ROOM;
        SIZE[1] - bottom - (y - self.y.low) / (self.y.high - self.y.low) * (SIZE[1] - top - bottom)
    }

    fn axes(&self) -> String {
        let (left, right) = (self.place_x(self.x.low), self.place_x(self.x.high));
        let (bottom, top) = (self.place_y(self.y.low), self.place_y(self.y.high));
        let mut svg = String::new();
        let (ticks, decimals) = self.y.ticks();
        for tick in ticks {
            let y = self.place_y(tick);
            writeln!(svg, "<path class=\"grid\" d=\"M{left:.1} {y:.1}H{right:.1}\"/>").ok();
            writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{tick:.decimals$}</text>",
                left - 6.0,
                y + 4.0
            )
            .ok();
        }
        let (ticks, decimals) = self.x.ticks();
        for tick in ticks {
            let (x, y) = (self.place_x(tick), bottom + LINE + 2.0);
            writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{tick:.decimals$}</text>").ok();
        }
        writeln!(svg, "<path class=\"axis\" d=\"M{left:.1} {bottom:.1}H{right:.1}\"/>").ok();
        let (x, y) = ((left + right) / 2.0, SIZE[1] - 6.0);
        writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>", escaped(self.x.label)).ok();
        let middle = (top + bottom) / 2.0;
        let label = escaped(self.y.label);
        writeln!(
            svg,
            "<text transform=\"translate(12 {middle:.1}) rotate(-90)\" text-anchor=\"middle\">{label}</text>"
        )
        .ok();
        svg
    }

    fn part(&self, drawn: &Drawn<'_>) -> String {
        let (left, right) = (self.place_x(self.x.low), self.place_x(self.x.high));
        let (bottom, top) = (self.place_y(self.y.low), self.place_y(self.y.high));
        match drawn {
            Drawn::Line(class, points) => {
                let path: Vec<_> = points.iter().map(|&[x, y]| self.point(x, y)).collect();
                format!("<polyline class=\"{class}\" points=\"{}\"/>\n", path.join(" "))
            }
            Drawn::Dots(points) => {
                let dot = |&[x, y]: &[f64; 2]| format!("M{}h0", self.point(x, y));
                format!("<path class=\"dots\" d=\"{}\"/>\n", points.iter().map(dot).collect::<String>())
            }
            Drawn::Bars(bars) => {
                let bar = |&[from, to, height]: &[f64; 3]| {
                    let (x, y, to) = (self.place_x(from), self.place_y(height), self.place_x(to));
                    format!("M{x:.1} {bottom:.1}V{y:.1}H{to:.1}V{bottom:.1}z")
                };
                format!("<path class=\"bars\" d=\"{}\"/>\n", bars.iter().map(bar).collect::<String>())
            }
            Drawn::Level(at, word) => {
                let y = self.place_y(*at);
                let line = format!("<path class=\"mark\" d=\"M{left:.1} {y:.1}H{right:.1}\"/>\n");
                line + &format!(
                    "<text class=\"word\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
                    left + 6.0,
                    y - 5.0,
                    escaped(word)
                )
            }
            Drawn::Uprights(marks) => {
                let mark = |(row, (at, word)): (usize, &(f64, String))| {
                    let x = self.place_x(*at);
                    let (anchor, beside) = if x > (left + right) / 2.0 { ("end", x - 5.0) } else { ("start", x + 5.0) };
                    let y = top + LINE * (row as f64 + 0.8);
                    let word = escaped(word);
                    format!(
                        "<path class=\"mark\" d=\"M{x:.1} {bottom:.1}V{top:.1}\"/>\n\
                         <text class=\"word\" x=\"{beside:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{word}</text>\n"
                    )
                };
                marks.iter().enumerate().map(mark).collect()
            }
        }
    }

    fn point(&self, x: f64, y: f64) -> String {
        format!("{:.1} {:.1}", self.place_x(x), self.place_y(y))
    }
}

impl Table<'_> {
    fn details(&self, title: &str) -> String {
        let cells = |row: &[String]| row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect::<String>();
        let heads: String =
            self.headings.iter().map(|head| format!("<th scope=\"col\">{}</th>", escaped(head))).collect();
        let rows: String = self.rows.iter().map(|row| format!("<tr>{}</tr>\n", cells(row))).collect();
        format!(
            "<details>\n<summary>Figures<span class=\"unseen\"> of “{title}”</span></summary>\n\
             <div class=\"scroll\" role=\"region\" aria-label=\"{title}\" tabindex=\"0\"><table>\n\
             <thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n</details>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(low: f64, high: f64) -> Axis<'static> {
        Axis { label: "x", low, high }
    }

    #[test]
    fn ticks_are_few_round_and_inside() {
        let shown = |low, high| {
            let (ticks, decimals) = axis(low, high).ticks();
            ticks.iter().map(|tick| format!("{tick:.decimals$}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(0.0, 1.0), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(shown(2.0, 20.0), "5 10 15 20");
        assert_eq!(shown(0.132, 0.168), "0.14 0.15 0.16");
        for (low, high) in [(0.0, 3.0), (-0.4, 0.7), (0.0, 50_000.0), (1e-4, 3e-4), (7.0, 7.000_1), (0.0, 1e9)] {
            let (ticks, _) = axis(low, high).ticks();
            assert!((2..=8).contains(&ticks.len()), "{low} to {high}: {ticks:?}");
            assert!(ticks.iter().all(|&tick| tick >= low - 1e-9 && tick <= high + 1e-9));
        }
    }

    #[test]
    fn an_axis_is_never_empty() {
        for values in [vec![], vec![0.0], vec![3.0; 4]] {
            let axis = Axis::around("x", values, None);
            assert!(axis.high > axis.low && axis.low.is_finite() && axis.high.is_finite());
        }
        let axis = Axis::around("x", [1.0, 4.0], Some(0.0));
        assert!(axis.low.abs() < 1e-12 && axis.high > 4.0);
    }

    #[test]
    fn a_chart_is_told_in_words_and_figures_and_draws_inside_its_box() {
        let chart = Chart {
            id: "loss",
            title: "Loss & <b>",
            description: "It falls.".to_owned(),
            x: axis(1.0, 3.0),
            y: axis(0.0, 1.0),
            drawn: vec![
                Drawn::Line("first", vec![[1.0, 0.9], [3.0, 0.1]]),
                Drawn::Dots(vec![[2.0, 0.5]]),
                Drawn::Bars(vec![[1.0, 2.0, 1.0]]),
                Drawn::Level(0.3, "low <".to_owned()),
                Drawn::Uprights(vec![(2.5, "here".to_owned())]),
            ],
            table: Table { headings: vec!["epoch", "loss"], rows: vec![vec!["1".to_owned(), "<i>".to_owned()]] },
        };
        let html = chart.figure();
        for words in [
            "<desc id=\"loss-words\">It falls.</desc>",
            "Loss &amp; &lt;b&gt;",
            "<td>&lt;i&gt;</td>",
            "low &lt;",
            ">here<",
        ] {
            assert!(html.contains(words), "{words}");
        }
        assert!(html.contains("points=\"52.0 32.6 388.0 197.4\""), "{html}");
        assert!(!html.contains("style=") && !html.contains("NaN"));
    }
}
