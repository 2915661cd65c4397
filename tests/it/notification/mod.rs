//! Key event notifications: their requests and calls, and whether they match a trace.

mod calls;
mod deleting;
mod fields;
mod matching;
mod models;
mod stored;
