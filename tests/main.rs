//! All tests that need a database or the router: one binary, a module per promise, every database test on SQLite and on
//! PostgreSQL.
#![allow(clippy::pedantic, reason = "tests read as promises, long and flat")]

#[macro_use]
mod support;

mod conventions;
mod gateway;
mod hangups;
mod hidden;
mod house;
mod identity;
mod import_wrapped;
mod inbox;
mod inputs;
mod journey;
mod leaks;
mod ledger;
mod restrictions;
mod statements;
mod trace;
