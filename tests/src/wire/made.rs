//! A call of any operation, without its types: it can be made again and again, and tells how it ended in words.

use futures_util::{Stream, StreamExt};
use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::{self, Debug, Write as _};
use std::pin::Pin;
use std::time::Duration;
use tollgate::{Call, Error, ErrorBody, ErrorKind, Operation, Paged, Spec, Splits};

/// Items that are read of a list before its stream is dropped: two pages.
pub(super) const ITEMS: usize = 13;

/// A call of an operation, with a token that may make it.
pub struct Made {
    /// What is constant about the operation.
    pub spec: &'static Spec,
    /// The label of the test token, `channel-2`; empty where none is shown.
    pub token: String,
    /// What must be told to nobody.
    pub secrets: BTreeSet<String>,
    /// `Debug` of the call.
    pub printed: String,
    /// The ways in which it can be made.
    pub shapes: Vec<Shape>,
    start: Box<dyn Fn(Shape) -> Ended + Send + Sync>,
}

/// How a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// `.send()`
    One,
    /// `.items()`
    Items,
    /// `.send_all()`
    All,
}

/// A call under way; it does nothing until it is polled.
pub type Ended = Pin<Box<dyn Future<Output = Result<Success, Failed>> + Send>>;

/// A success in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// `Debug` of the output.
    pub printed: String,
    /// How many items, parts or answers there are.
    pub items: usize,
}

/// A failure in words: all that can be asked of an error.
#[derive(Clone, Debug)]
pub struct Failed {
    /// What sort it is.
    pub kind: ErrorKind,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// How many requests were sent.
    pub attempts: u32,
    /// How long it waited.
    pub waited: Duration,
    /// `Display`.
    pub display: String,
    /// Everything it tells, one after the other: both forms of `Debug`, hints, the chain of its sources.
    pub told: String,
}

impl Made {
    /// Begins the call anew.
    #[must_use]
    pub fn start(&self, shape: Shape) -> Ended {
        (self.start)(shape)
    }

    fn new<Op: Operation>(call: &Call<Op>, token: (BTreeSet<String>, String), shapes: Vec<Shape>) -> Self {
        Self {
            spec: Op::SPEC,
            secrets: token.0,
            token: token.1,
            printed: format!("{call:?} {call:#?}"),
            shapes,
            start: Box::new(|_| Box::pin(std::future::pending())),
        }
    }

    pub(super) fn single<Op: Operation<Output: Debug>>(call: Call<Op>, token: (BTreeSet<String>, String)) -> Self {
        let mut made = Self::new(&call, token, vec![Shape::One]);
        made.start = Box::new(move |_| one(&call));
        made
    }

    pub(super) fn paged<Op: Paged<Item: Debug>>(call: Call<Op>, token: (BTreeSet<String>, String)) -> Self {
        let mut made = Self::new(&call, token, vec![Shape::One, Shape::Items]);
        made.start = Box::new(move |shape| match shape {
            Shape::Items => Box::pin(listed(call.clone().items())),
            Shape::One | Shape::All => one(&call),
        });
        made
    }

    pub(super) fn batch<Op: Splits<Output: Debug>>(call: Call<Op>, token: (BTreeSet<String>, String)) -> Self {
        let mut made = Self::new(&call, token, vec![Shape::One, Shape::All]);
        made.start = Box::new(move |shape| match shape {
            Shape::All => {
                let sending = call.clone().send_all();
                Box::pin(async move {
                    let batch = sending.await;
                    let (printed, items) = (format!("{batch:?}"), batch.parts().len());
                    match batch.into_outputs() {
                        Ok(_) => Ok(Success { printed, items }),
                        Err(error) => Err(Failed::of(&error)),
                    }
                })
            }
            Shape::One | Shape::Items => one(&call),
        });
        made
    }
}

fn one<Op: Operation<Output: Debug>>(call: &Call<Op>) -> Ended {
    let sending = call.clone().send();
    Box::pin(async move {
        match sending.await {
            Ok(output) => Ok(Success {
                printed: format!("{output:?}"),
                items: 1,
            }),
            Err(error) => Err(Failed::of(&error)),
        }
    })
}

async fn listed<T: Debug, B: ErrorBody>(
    items: impl Stream<Item = Result<T, Error<B>>> + Send,
) -> Result<Success, Failed> {
    let mut items = std::pin::pin!(items.take(ITEMS));
    let mut success = Success {
        printed: String::new(),
        items: 0,
    };
    while let Some(item) = items.next().await {
        let item = item.map_err(|error| Failed::of(&error))?;
        success.items += 1;
        // A `String` takes whatever is written to it.
        let _ = write!(success.printed, "{item:?} ");
    }
    Ok(success)
}

impl Failed {
    fn of<B: ErrorBody>(error: &Error<B>) -> Self {
        let mut told = format!(
            "{error} {error:?} {error:#?} {:?} {:?} {:?} {:?}",
            error.hint(),
            error.message(),
            error.code(),
            error.request_id()
        );
        let mut source = error.source();
        while let Some(cause) = source {
            let _ = write!(told, " {cause} {cause:?}");
            source = cause.source();
        }
        Self {
            kind: error.kind(),
            status: error.status(),
            attempts: error.attempts(),
            waited: error.waited(),
            display: error.to_string(),
            told,
        }
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made")
            .field("operation", &self.spec.id)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
