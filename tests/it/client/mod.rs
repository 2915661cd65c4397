//! Building a client, and the path of a call.

mod account;
mod builder;
mod clock;
mod diagnosis;
mod observing;
mod options;
mod pacing;
mod project;
mod raw;
mod refused;
mod regions;
mod retrying;
