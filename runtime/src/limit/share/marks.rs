//! What budgets said when places were taken of them.

/// What [`Policy::take`](crate::limit::policy::Policy::take) returned for each budget of a call, without an allocation where
/// they are few.
#[derive(Clone, Debug, Default)]
pub(in crate::limit) struct Marks {
    few: [u64; 3],
    /// The others; absent where there are none, since each call moves this.
    #[expect(clippy::box_collection, reason = "a vector would make all calls move three words")]
    many: Option<Box<Vec<u64>>>,
    count: usize,
}

impl Marks {
    pub(super) fn push(&mut self, mark: u64) {
        match self.few.get_mut(self.count) {
            Some(place) => *place = mark,
            None => self.many.get_or_insert_default().push(mark),
        }
        self.count += 1;
    }

    /// Of how many budgets.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        let few = self.few.iter().take(self.count);
        few.chain(self.many.iter().flat_map(|many| many.iter())).copied()
    }
}
