//! What errors say, and what they never repeat.

mod messages;
mod repeated;
