//! How much memory a body may take once it is read.

use std::cell::Cell;

use serde_json::Value;

/// Bodies up to this size are read in any case.
const SMALL: usize = 64 * 1024;

/// How many times its own size a body may take, beside its strings.
const TIMES: usize = 19;

/// A vector that grows is copied to another of twice the length: for a moment there are three
/// places for each item.
const PLACES: usize = 3;

/// The first node of an object's map, which has room for eleven fields.
const NODE: usize = 640;

/// Each further field: nodes are half full, and names have a capacity.
const FIELD: usize = 40 + PLACES * size_of::<Value>();

/// An error of reading a body that holds too many values for its size.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("it would take more than 20 times its size in memory, as nothing of this service does")]
pub(crate) struct TooDense;

/// The memory that reading a body may still take, beside strings, which take no more than they do
/// in the body.
///
/// What is built is counted while it is built: a body of millions of empty objects is given up
/// where it becomes too much, and no other body pays for a look ahead.
#[derive(Debug)]
pub(crate) struct Room {
    left: Cell<usize>,
}

impl Room {
    /// Room for a body.
    pub(crate) fn of(body: &[u8]) -> Self {
        if body.len() <= SMALL {
            return Self::unlimited();
        }
        Self { left: Cell::new(body.len().saturating_mul(TIMES)) }
    }

    /// Room for values that the program brings itself, and for small bodies.
    pub(crate) const fn unlimited() -> Self {
        Self { left: Cell::new(usize::MAX) }
    }

    /// Returns how much there is, for [`return_to`](Self::return_to).
    pub(crate) fn mark(&self) -> usize {
        self.left.get()
    }

    /// Gives back what was taken since `mark`, because it was dropped.
    pub(crate) fn return_to(&self, mark: usize) {
        self.left.set(mark);
    }

    /// Takes the place of an item in a vector that grows.
    pub(crate) fn item<T>(&self) -> Result<(), TooDense> {
        self.take(PLACES * size_of::<T>())
    }

    /// Takes the places of all items of a vector that does not grow.
    pub(crate) fn items<T>(&self, count: usize) -> Result<(), TooDense> {
        self.take(count.saturating_mul(size_of::<T>()))
    }

    /// Takes the place of a field in a map that has `fields` so far.
    pub(crate) fn field(&self, fields: usize) -> Result<(), TooDense> {
        self.take(if fields == 0 { NODE } else { FIELD })
    }

    fn take(&self, bytes: usize) -> Result<(), TooDense> {
        let left = self.left.get().saturating_sub(bytes);
        self.left.set(left);
        if left == 0 { Err(TooDense) } else { Ok(()) }
    }

    /// Returns an error if something did not fit.
    pub(crate) fn check(&self) -> Result<(), TooDense> {
        if self.left.get() == 0 { Err(TooDense) } else { Ok(()) }
    }
}
