//! What several rounds of the same give.

use std::fmt;

/// The median of some figures, and how far they lie apart.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    median: f64,
    lowest: f64,
    highest: f64,
}

impl Spread {
    /// Of at least one figure.
    fn of(figures: &[f64]) -> Self {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self { median: sorted[sorted.len() / 2], lowest: sorted[0], highest: sorted[sorted.len() - 1] }
    }

    /// Figures as text, and how many times as much as others they are.
    pub fn against(figures: &[f64], others: Option<&[f64]>) -> String {
        let spread = Self::of(figures);
        let ratio = others.map(|others| format!("  {:.2}x", spread.median / Self::of(others).median));
        format!("{spread}{}", ratio.unwrap_or_default())
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ({:.1}..{:.1})", self.median, self.lowest, self.highest)
    }
}
