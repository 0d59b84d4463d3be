//! All tests that need a database or the router: one binary, a module per promise, every database test on SQLite and on
//! PostgreSQL.
#![allow(clippy::pedantic, reason = "tests read as promises, long and flat")]

#[macro_use]
mod support;

mod bulk;
mod bulk_export;
mod bulk_memory;
mod canary;
mod conventions;
mod criteria;
mod duty;
mod emergency;
mod explain;
mod gateway;
mod hangups;
mod hidden;
mod house;
mod identity;
mod import_wrapped;
mod inbox;
mod inputs;
mod journey;
mod journeys;
mod killed;
mod leaks;
mod ledger;
mod lives;
mod matrix;
mod oracle;
mod protection;
mod queue;
mod races;
mod registry;
mod restrictions;
mod room;
mod safeguards;
mod sight;
mod statements;
mod trace;
mod triage;
mod two_worlds;
mod viewer_access;
mod walls;
mod withdrawal;
