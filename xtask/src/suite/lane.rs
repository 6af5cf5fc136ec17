//! The second lane: a thread that runs steps in order, and tells the first lane what they print and how they end.

use super::run::{Console, Outcome, Report, Run};
use crate::tally::Tally;
use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Instant;

/// What the second lane tells.
pub(super) enum Event {
    Printed(String),
    Ended(Report),
}

/// The first lane's end of it.
pub(super) struct Lane {
    /// Its thread, until it starts.
    waiting: Option<Box<dyn FnOnce() + Send>>,
    events: Receiver<Event>,
}

impl Lane {
    /// A lane of these steps, which does not run yet.
    pub(super) fn of(steps: Vec<Run>) -> Self {
        Self::doing(move |events| {
            for step in steps {
                let report = step.report(&mut Console::Lane(events));
                if events.send(Event::Ended(report)).is_err() {
                    break;
                }
            }
        })
    }

    fn doing(work: impl FnOnce(&Sender<Event>) + Send + 'static) -> Self {
        let (sender, events) = mpsc::channel();
        Self {
            waiting: Some(Box::new(move || work(&sender))),
            events,
        }
    }

    /// Starts it, unless it has started.
    pub(super) fn start(&mut self) -> io::Result<()> {
        if let Some(work) = self.waiting.take() {
            thread::Builder::new().name("second lane".to_owned()).spawn(work)?;
        }
        Ok(())
    }

    /// Prints what its next step printed so far, then what it still prints, until the step ends.
    pub(super) fn next(&mut self, out: &mut dyn Write) -> io::Result<Report> {
        self.start()?;
        let asked = Instant::now();
        for event in &self.events {
            match event {
                Event::Printed(text) => out.write_all(text.as_bytes())?,
                Event::Ended(report) => return Ok(report),
            }
        }
        Ok(Report {
            outcome: Outcome::Failed("the second lane panicked; its message is above".to_owned()),
            took: asked.elapsed(),
            tally: Tally::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_lane_fails_its_step_and_all_that_follow() {
        let mut lane = Lane::doing(|events| {
            let _ = events.send(Event::Printed("half a ".to_owned()));
            panic!("on purpose");
        });
        let mut out = Vec::new();
        for _ in 0..2 {
            let report = lane.next(&mut out).unwrap();
            assert!(matches!(report.outcome, Outcome::Failed(reason) if reason.contains("panicked")));
        }
        assert_eq!(out, b"half a ");
    }

    #[test]
    fn a_lane_does_nothing_before_it_starts() {
        let mut lane = Lane::doing(|events| {
            let _ = events.send(Event::Printed("started".to_owned()));
        });
        assert!(lane.events.try_recv().is_err());
        lane.start().unwrap();
        assert!(matches!(lane.events.recv(), Ok(Event::Printed(text)) if text == "started"));
    }
}
