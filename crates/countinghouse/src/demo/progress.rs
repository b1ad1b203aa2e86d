//! Progress bars on stderr; nothing at all when a machine reads, or nobody looks.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;
use types::Locale;

/// The bars of a run, one a stage.
pub struct Progress {
    bars: MultiProgress,
    quiet: bool,
    locale: Locale,
}

impl Progress {
    /// Bars for people; `quiet` shows none.
    pub fn new(quiet: bool, locale: Locale) -> Self {
        let bars = MultiProgress::new();
        if quiet {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { bars, quiet, locale }
    }

    /// Says something between the bars, on stderr; nothing when quiet.
    pub fn say(&self, words: &str) {
        if !self.quiet {
            self.bars.suspend(|| eprintln!("{words}"));
        }
    }

    /// A stage of this many steps; zero: a stage whose length is not known.
    pub fn stage(&self, steps: u64, en: &'static str, zh: &'static str) -> ProgressBar {
        let (template, bar) = if steps == 0 {
            ("  {spinner} {msg} {elapsed}", ProgressBar::new_spinner())
        } else {
            let template = "  {msg:<34} [{bar:30}] {pos}/{len} {per_sec} {eta}";
            (template, ProgressBar::new(steps))
        };
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("█▉▊▋▌▍▎▏ ");
        let bar = self.bars.add(bar.with_style(style));
        bar.set_message(match self.locale {
            Locale::En => en,
            Locale::Zh => zh,
        });
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }
}
