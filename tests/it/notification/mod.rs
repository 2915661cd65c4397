//! Key event notifications: their calls, and whether they match a trace.

mod calls;
mod deleting;
mod matching;
mod models;
