//! Lists that come in pages, as streams.

mod link;
mod turn;

pub(crate) use turn::Turn;

use crate::{
    Call, Error, ErrorKind, Operation, Paged, Start,
    attempt::Answer,
    call::{Options, UnderWay},
    client::Session,
    error::Failure,
    prepare::prepare,
};
use futures_core::Stream;
use std::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};

/// A page.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<Item> {
    /// What is on it.
    pub items: Vec<Item>,
    /// How many items there are on all pages, if the provider says so.
    pub total: Option<u64>,
    /// Where the next page starts, to go on from there another day. Absent after the last page, and where the provider
    /// gives whole URLs.
    pub next: Option<Start>,
}

/// The pages of a list, a stream.
///
/// The next page is asked for when it is wanted. After an error it ends. It ends with an error, too, instead of running in
/// circles or following a link to another host.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<Op> {
    session: Session,
    operation: Op,
    options: Options,
    state: State,
}

enum State {
    Next(Turn),
    UnderWay(Turn, UnderWay),
    Fails(Failure),
    End,
}

impl<Op: Paged> Pages<Op> {
    pub(crate) fn new(call: Call<Op>) -> Self {
        Self {
            session: call.session,
            operation: call.operation,
            options: call.options,
            state: State::Next(Turn::default()),
        }
    }

    /// The next page, without a crate for streams.
    pub async fn next(&mut self) -> Option<Result<Page<Op::Item>, Error<Op::Failure>>>
    where
        Self: Unpin,
    {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn ask(&mut self, mut turn: Turn) -> State {
        self.options.begin(self.session.link());
        let key = self.options.key.clone().map(|text| turn.key(text));
        let prepared = prepare(&self.session, &self.operation, key.as_ref(), Some(&mut turn));
        if let Ok(prepared) = &prepared {
            turn.asked(&prepared.http);
        }
        let under_way = UnderWay::start(self.session.clone(), Op::SPEC, prepared, &self.options);
        State::UnderWay(turn, under_way)
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page<Op::Item>, Failure>>> {
        loop {
            match mem::replace(&mut self.state, State::End) {
                State::End => return Poll::Ready(None),
                State::Fails(failure) => return Poll::Ready(Some(Err(failure))),
                State::Next(turn) => self.state = self.ask(turn),
                State::UnderWay(turn, mut under_way) => {
                    let Poll::Ready(result) = under_way.poll(cx) else {
                        self.state = State::UnderWay(turn, under_way);
                        return Poll::Pending;
                    };
                    return Poll::Ready(Some(
                        result.and_then(|mut answer| self.turn_over(turn, &under_way, &mut answer)),
                    ));
                }
            }
        }
    }

    /// A page is given out also where the next one cannot be asked for: the error comes after it.
    fn turn_over(&mut self, turn: Turn, under_way: &UnderWay, answer: &mut Answer) -> Result<Page<Op::Item>, Failure> {
        let items = under_way.decode::<Op>(answer)?;
        let total = turn.total(&answer.reply);
        let mut next = None;
        match turn.next(&answer.reply, items.len()) {
            Ok(Some(turn)) => {
                next = turn.start();
                self.state = State::Next(turn);
            }
            Ok(None) => {}
            Err(why) => {
                let failure = Failure::new(ErrorKind::Paging, Op::SPEC, &self.session, why);
                self.state = State::Fails(failure);
            }
        }
        Ok(Page { items, total, next })
    }
}

// Nothing in it is pinned in place.
impl<Op> Unpin for Pages<Op> {}

impl<Op: Paged> Stream for Pages<Op> {
    type Item = Result<Page<Op::Item>, Error<Op::Failure>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let page = ready!(self.poll_page(cx));
        Poll::Ready(page.map(|page| page.map_err(Failure::typed)))
    }
}

impl<Op: Operation> fmt::Debug for Pages<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

/// The items of a list, a stream over all its pages.
#[must_use = "streams do nothing unless polled"]
pub struct Items<Op: Paged> {
    pages: Pages<Op>,
    page: vec::IntoIter<Op::Item>,
}

impl<Op: Paged> Items<Op> {
    pub(crate) fn new(pages: Pages<Op>) -> Self {
        Self {
            pages,
            page: Vec::new().into_iter(),
        }
    }

    /// The next item, without a crate for streams.
    pub async fn next(&mut self) -> Option<Result<Op::Item, Error<Op::Failure>>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

// Nothing in it is pinned in place.
impl<Op: Paged> Unpin for Items<Op> {}

impl<Op: Paged> Stream for Items<Op> {
    type Item = Result<Op::Item, Error<Op::Failure>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(cx)) {
                Some(Ok(page)) => self.page = page.items.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<Op: Paged> fmt::Debug for Items<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}
