//! What a part says, and where it stands in BENCHMARKS.md.

use std::{fs, time::SystemTime};

use anyhow::{Context, Result};

/// Replaces what stands between a heading and the next one, of whatever level; a heading that is not there comes last.
/// What people have written about the figures stands under headings of its own, and stays.
pub(crate) fn rewrite(document: &str, heading: &str, text: &str) -> String {
    let section = format!("{heading}\n\n{}\n", text.trim());
    let line = format!("{heading}\n");
    let start =
        if document.starts_with(&line) { Some(0) } else { document.find(&format!("\n{line}")).map(|at| at + 1) };
    let Some(start) = start else {
        return format!("{}\n\n{section}", document.trim_end());
    };
    let after = start + line.len();
    match document[after..].find("\n#") {
        Some(next) => format!("{}{section}{}", &document[..start], &document[after + next..]),
        None => format!("{}{section}", &document[..start]),
    }
}

/// Puts a section into BENCHMARKS.md.
pub(crate) fn write(heading: &str, text: &str) -> Result<()> {
    let path = lookalike_tests::root().join("BENCHMARKS.md");
    let document = fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
    fs::write(&path, rewrite(&document, heading, text)).with_context(|| format!("{} can't be written", path.display()))
}

/// The day and the machine.
pub(crate) fn stamp() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    let [os, arch] = [std::env::consts::OS, std::env::consts::ARCH];
    format!("{}; {cores} cores, {model}, {os} {arch}.", today())
}

fn today() -> String {
    let days = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs() / 86_400);
    let (year, month, day) = civil(days);
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    format!("{day} {} {year}", MONTHS[month as usize - 1])
}

/// Year, month and day of a number of days since 1970, by Howard Hinnant's `civil_from_days`.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    (era * 400 + year + u64::from(month <= 2), month, day)
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The browser that `page` is open in.
pub(crate) fn browser(page: &lookalike_tests::page::Page) -> Result<String> {
    let version = page.browser.devtools("Browser.getVersion", serde_json::json!({}))?;
    Ok(version["product"].as_str().unwrap_or_default().replace('/', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_what_people_wrote_stays() {
        let document = "# All\n\nIntroduction.\n\n## One\n\nold\n\n### Notes\n\nby hand\n\n## Two\n\nlast\n";
        let one = rewrite(document, "## One", "new");
        assert_eq!(one, "# All\n\nIntroduction.\n\n## One\n\nnew\n\n### Notes\n\nby hand\n\n## Two\n\nlast\n");
        let two = rewrite(&one, "## Two", "newer\n");
        assert!(two.ends_with("## Two\n\nnewer\n") && two.contains("by hand"));
        assert_eq!(rewrite(&two, "## Two", "newer"), two, "the same figures give the same document");
        assert!(rewrite(&two, "## Three", "more").ends_with("newer\n\n## Three\n\nmore\n"));
        assert!(rewrite(&two, "## O", "no part of a heading").contains("## One\n\nnew"));
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_778), (2026, 11, 21));
    }

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert!((median(&mut [3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
    }
}
