//! Batches longer than the provider takes, in parts.

use crate::{
    Call, Error, Splits,
    call::{Options, UnderWay},
    client::Session,
    error::Failure,
    prepare::{CallersKey, Prepared, prepare},
};
use std::{
    fmt,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

/// A batch under way, part after part.
#[must_use = "futures do nothing unless awaited"]
pub struct SendingAll<Op: Splits> {
    session: Session,
    operation: Op,
    options: Options,
    /// What is left to send, the next one last.
    left: Vec<Range<usize>>,
    under_way: Option<(Range<usize>, UnderWay)>,
    parts: Vec<BatchPart<Op>>,
}

// Nothing in it is pinned in place.
impl<Op: Splits> Unpin for SendingAll<Op> {}

impl<Op: Splits> SendingAll<Op> {
    pub(crate) fn new(call: Call<Op>) -> Self {
        let len = call.operation.items().len();
        let max = Op::SPEC.batch.map_or(len, |batch| batch.max_items as usize).max(1);
        let starts = (0..len).step_by(max);
        Self {
            session: call.session,
            operation: call.operation,
            options: call.options,
            left: starts.rev().map(|start| start..len.min(start + max)).collect(),
            under_way: None,
            parts: Vec::new(),
        }
    }

    /// Takes the next range, in halves as long as its body is too long.
    fn next_part(&mut self) -> Option<(Range<usize>, Result<Prepared, Failure>)> {
        loop {
            let range = self.left.pop()?;
            let part = self
                .operation
                .with_items(self.operation.items()[range.clone()].to_vec());
            let key = self.options.key.clone().map(|text| CallersKey {
                text,
                from: Some(range.start),
            });
            let prepared = prepare(&self.session, &part, key.as_ref(), None);
            let too_long = matches!(&prepared, Err(failure) if failure.is_body_too_long);
            if !too_long || range.len() == 1 {
                return Some((range, prepared));
            }
            let middle = range.start + range.len() / 2;
            self.left.push(middle..range.end);
            self.left.push(range.start..middle);
        }
    }
}

impl<Op: Splits> Future for SendingAll<Op> {
    type Output = Batch<Op>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if let Some((_, under_way)) = &mut self.under_way {
                let result = ready!(under_way.poll(cx));
                if let Some((range, under_way)) = self.under_way.take() {
                    let result = result.and_then(|mut answer| under_way.decode::<Op>(&mut answer));
                    let result = result.map_err(Failure::typed);
                    self.parts.push(BatchPart { range, result });
                }
            }
            let Some((range, prepared)) = self.next_part() else {
                let parts = std::mem::take(&mut self.parts);
                return Poll::Ready(Batch { parts });
            };
            let this = &mut *self;
            this.options.begin(this.session.link());
            let under_way = UnderWay::start(this.session.clone(), Op::SPEC, prepared, &this.options);
            self.under_way = Some((range, under_way));
        }
    }
}

impl<Op: Splits> fmt::Debug for SendingAll<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendingAll")
            .field("operation", &Op::SPEC.id)
            .field("left", &self.left)
            .field("done", &self.parts.len())
            .finish_non_exhaustive()
    }
}

/// What came of the parts of a batch, in their order.
///
/// Nothing of it is undone: where a part failed, the others were still sent.
#[must_use = "a part may have failed"]
pub struct Batch<Op: Splits> {
    parts: Vec<BatchPart<Op>>,
}

/// A part of a batch.
pub struct BatchPart<Op: Splits> {
    /// The elements it had, by their positions in the whole.
    pub range: Range<usize>,
    /// What came of it.
    pub result: Result<Op::Output, Error<Op::Failure>>,
}

impl<Op: Splits> Batch<Op> {
    /// All parts.
    #[must_use]
    pub fn parts(&self) -> &[BatchPart<Op>] {
        &self.parts
    }

    /// All parts, to keep.
    #[must_use]
    pub fn into_parts(self) -> Vec<BatchPart<Op>> {
        self.parts
    }

    /// Whether no part failed.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.parts.iter().all(|part| part.result.is_ok())
    }

    /// The parts that failed, and why.
    pub fn failures(&self) -> impl Iterator<Item = (Range<usize>, &Error<Op::Failure>)> {
        let failed = |part: &'_ BatchPart<Op>| part.range.clone();
        self.parts
            .iter()
            .filter_map(move |part| Some((failed(part), part.result.as_ref().err()?)))
    }

    /// The outputs of all parts, or why the first failed of those that did.
    pub fn into_outputs(self) -> Result<Vec<Op::Output>, Error<Op::Failure>> {
        self.parts.into_iter().map(|part| part.result).collect()
    }
}

impl<Op: Splits> fmt::Debug for Batch<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.parts).finish()
    }
}

impl<Op: Splits> fmt::Debug for BatchPart<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchPart")
            .field("range", &self.range)
            .field("error", &self.result.as_ref().err())
            .finish()
    }
}
