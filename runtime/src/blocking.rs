//! Calls from programs without an async runtime.
//!
//! All of them share one thread that drives connections and timers; it begins with the first call and waits with the
//! process for nothing. Inside of a tokio runtime a blocking call would stop everything else on its thread, so it is an
//! error there.
//!
//! ```no_run
//! # fn example<Op: tollgate::Paged>(call: tollgate::Call<Op>) -> Result<(), tollgate::Error<Op::Failure>> {
//! let answer = call.clone().send_blocking()?;
//! for item in call.items_blocking() {
//!     let item = item?;
//! }
//! # Ok(())
//! # }
//! ```

use crate::{Batch, Call, Error, Items, Operation, Page, Paged, Pages, Splits, client::Session, error::Failure};
use std::{fmt, sync::OnceLock, thread};
use tokio::runtime::{Builder, Handle};

/// The runtime of all blocking calls, or why there is none.
fn handle() -> Result<&'static Handle, &'static str> {
    static HANDLE: OnceLock<Result<Handle, String>> = OnceLock::new();
    let started = HANDLE.get_or_init(|| {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("no runtime for blocking calls: {error}"))?;
        let handle = runtime.handle().clone();
        let thread = thread::Builder::new().name("tollgate-blocking".to_owned());
        let driver = thread.spawn(move || runtime.block_on(std::future::pending::<()>()));
        driver.map_err(|error| format!("no thread for blocking calls: {error}"))?;
        Ok(handle)
    });
    started.as_ref().map_err(String::as_str)
}

fn wait<T>(future: impl Future<Output = T>) -> Result<T, &'static str> {
    if Handle::try_current().is_ok() {
        return Err(
            "a blocking call inside of a tokio runtime would stop its thread; help: use `.send().await`, or make the call \
             on a thread of its own, `std::thread::spawn`",
        );
    }
    Ok(handle()?.block_on(future))
}

fn refused<Op: Operation>(session: &Session, why: &str) -> Error<Op::Failure> {
    Failure::request(Op::SPEC, session, why).typed()
}

impl<Op: Operation> Call<Op> {
    /// Sends it as [`send`](Self::send) does, and waits for the answer.
    pub fn send_blocking(self) -> Result<Op::Output, Error<Op::Failure>> {
        let session = self.session.clone();
        match wait(async { self.send().await }) {
            Ok(answer) => answer,
            Err(why) => Err(refused::<Op>(&session, why)),
        }
    }

    /// All items, page after page, as an iterator that waits for each page.
    pub fn items_blocking(self) -> BlockingItems<Op>
    where
        Op: Paged,
    {
        BlockingItems {
            session: self.session.clone(),
            items: Some(self.items()),
        }
    }

    /// All pages, as an iterator that waits for each.
    pub fn pages_blocking(self) -> BlockingPages<Op>
    where
        Op: Paged,
    {
        BlockingPages {
            session: self.session.clone(),
            pages: Some(self.pages()),
        }
    }

    /// Sends a batch as [`send_all`](Self::send_all) does, and waits for all of its parts.
    ///
    /// # Errors
    /// When it is called inside of a tokio runtime: nothing was sent. What comes of the parts is in the batch.
    pub fn send_all_blocking(self) -> Result<Batch<Op>, Error<Op::Failure>>
    where
        Op: Splits,
    {
        let session = self.session.clone();
        wait(async { self.send_all().await }).map_err(|why| refused::<Op>(&session, why))
    }
}

/// The items of a list, an iterator over all its pages. After an error it ends.
#[must_use = "iterators do nothing unless consumed"]
pub struct BlockingItems<Op: Paged> {
    session: Session,
    items: Option<Items<Op>>,
}

impl<Op: Paged> Iterator for BlockingItems<Op> {
    type Item = Result<Op::Item, Error<Op::Failure>>;

    fn next(&mut self) -> Option<Self::Item> {
        match wait(self.items.as_mut()?.next()) {
            Ok(item) => item,
            Err(why) => {
                self.items = None;
                Some(Err(refused::<Op>(&self.session, why)))
            }
        }
    }
}

/// The pages of a list, an iterator. After an error it ends.
#[must_use = "iterators do nothing unless consumed"]
pub struct BlockingPages<Op: Paged> {
    session: Session,
    pages: Option<Pages<Op>>,
}

impl<Op: Paged> Iterator for BlockingPages<Op>
where
    Pages<Op>: Unpin,
{
    type Item = Result<Page<Op::Item>, Error<Op::Failure>>;

    fn next(&mut self) -> Option<Self::Item> {
        match wait(self.pages.as_mut()?.next()) {
            Ok(page) => page,
            Err(why) => {
                self.pages = None;
                Some(Err(refused::<Op>(&self.session, why)))
            }
        }
    }
}

impl<Op: Paged> fmt::Debug for BlockingItems<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingItems")
            .field("operation", &Op::SPEC.id)
            .finish()
    }
}

impl<Op: Paged> fmt::Debug for BlockingPages<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingPages")
            .field("operation", &Op::SPEC.id)
            .finish()
    }
}
