//! Building a client, and the path of a call.

mod account;
mod builder;
mod clock;
mod observing;
mod pacing;
mod project;
mod raw;
mod regions;
mod retrying;
