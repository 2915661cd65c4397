//! Trackers, their tags and buckets: models against the documented tables, requests against the
//! documented examples, and calls against the fake.

mod calls;
mod deleting;
mod ensuring;
mod fields;
mod otc;
mod requests;
mod tags;
