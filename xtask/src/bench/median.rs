//! The middle of several runs: one slow run on a busy machine does not move it.

use std::time::Duration;

/// The median; zero for no runs.
pub(crate) fn median(mut runs: Vec<Duration>) -> Duration {
    runs.sort();
    let middle = runs.len() / 2;
    match runs.as_slice() {
        [] => Duration::ZERO,
        runs if runs.len() % 2 == 1 => runs[middle],
        runs => (runs[middle - 1] + runs[middle]) / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::median;
    use std::time::Duration;

    #[test]
    fn an_outlier_does_not_move_it() {
        let runs = [3, 900, 1, 2, 4].map(Duration::from_millis);
        assert_eq!(median(runs.to_vec()), Duration::from_millis(3));
        assert_eq!(median(runs[2..].to_vec()), Duration::from_millis(2));
        assert_eq!(median(Vec::new()), Duration::ZERO);
    }
}
