//! Plots as SVG, drawn on the server: no script, no outside asset, colours from the style sheet.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 48.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 12.0;

/// One colour of a stacked bar chart: a name and a value for each bar.
#[derive(Debug, Clone)]
pub struct Series {
    /// Shown in the legend and on hover.
    pub name: String,
    /// The class in the style sheet that gives its colour: `s1` to `s6`.
    pub class: &'static str,
    /// One value a bar.
    pub values: Vec<u64>,
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The smallest round number that is not below `value`. From 5 on, all of them have whole fifths.
fn round_up(value: u64) -> u64 {
    if value <= 5 {
        return value;
    }
    let mut step: u64 = 1;
    loop {
        for factor in [10, 15, 20, 25, 30, 40, 50, 60, 80] {
            let candidate = step.saturating_mul(factor);
            if candidate >= value || candidate == u64::MAX {
                return candidate;
            }
        }
        step = step.saturating_mul(10);
    }
}

#[expect(clippy::cast_precision_loss, reason = "pixels, not money")]
fn pixels(value: u64) -> f64 {
    value as f64
}

/// Bars of stacked values with a grid, labels under every bar that has one, and a title for
/// readers who cannot see it.
pub fn stacked_bars(title: &str, labels: &[String], series: &[Series]) -> String {
    let total = |bar: usize| {
        series.iter().filter_map(|s| s.values.get(bar)).fold(0u64, |a, b| a.saturating_add(*b))
    };
    let most = round_up((0..labels.len()).map(total).max().unwrap_or(0).max(1));
    let plot_height = HEIGHT - BOTTOM - TOP;
    let y = |value: u64| HEIGHT - BOTTOM - plot_height * pixels(value) / pixels(most);
    let slot = (WIDTH - LEFT) / pixels(u64::try_from(labels.len().max(1)).unwrap_or(1));
    let mut svg = format!(
        "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\"><title>{0}</title>",
        escape(title)
    );
    let steps = most.min(5);
    for line in 0..=steps {
        let value = most.checked_div(steps).unwrap_or(0).saturating_mul(line);
        let at = y(value);
        // Writing into a String does not fail.
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text class=\"axis\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            LEFT - 6.0,
            at + 4.0
        );
    }
    let mut x = LEFT;
    for (bar, label) in labels.iter().enumerate() {
        let mut below = 0u64;
        for one in series {
            let value = one.values.get(bar).copied().unwrap_or(0);
            let above = below.saturating_add(value);
            if value > 0 {
                let _ = write!(
                    svg,
                    "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{} · {}: {value}</title></rect>",
                    one.class,
                    x + slot * 0.12,
                    y(above),
                    slot * 0.76,
                    (y(below) - y(above)).max(0.5),
                    escape(label),
                    escape(&one.name)
                );
            }
            below = above;
        }
        let _ = write!(
            svg,
            "<text class=\"axis\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            x + slot / 2.0,
            HEIGHT - 8.0,
            escape(label)
        );
        x += slot;
    }
    svg.push_str("</svg>");
    svg
}

/// One bar divided among its parts, each with a name, a class and a value.
pub fn share_bar(title: &str, parts: &[(&str, &'static str, u64)]) -> String {
    let all = parts.iter().map(|(.., value)| *value).fold(0, u64::saturating_add).max(1);
    let mut svg = format!(
        "<svg class=\"share\" viewBox=\"0 0 {WIDTH} 20\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{0}\"><title>{0}</title>",
        escape(title)
    );
    let mut x = 0.0;
    for (name, class, value) in parts.iter().filter(|(.., value)| *value > 0) {
        let width = WIDTH * pixels(*value) / pixels(all);
        // Writing into a String does not fail.
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x:.2}\" y=\"0\" width=\"{width:.2}\" height=\"20\"><title>{}: {value}</title></rect>",
            escape(name)
        );
        x += width;
    }
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_round_number() {
        for (value, end) in
            [(1, 1), (3, 3), (6, 10), (11, 15), (101, 150), (999, 1_000), (u64::MAX, u64::MAX)]
        {
            assert_eq!(round_up(value), end);
        }
    }

    #[test]
    fn parts_share_the_whole_bar() {
        let svg = share_bar("t", &[("a", "good", 1), ("b", "bad", 0), ("c", "warn", 3)]);
        assert!(svg.contains("x=\"0.00\" y=\"0\" width=\"180.00\""), "{svg}");
        assert!(svg.contains("x=\"180.00\" y=\"0\" width=\"540.00\""), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(share_bar("empty", &[]).ends_with("</svg>"));
    }

    #[test]
    fn every_value_has_its_bar_and_names_are_escaped() {
        let series = vec![Series { name: "<b>".to_owned(), class: "s1", values: vec![1, 0, 3] }];
        let labels = ["a", "b", "c"].map(str::to_owned);
        let svg = stacked_bars("t & t", &labels, &series);
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(svg.contains("&lt;b&gt;") && !svg.contains("<b>"));
        assert!(stacked_bars("empty", &[], &[]).ends_with("</svg>"));
    }
}
