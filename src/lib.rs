//! The Alliance API: the shared back end of agencies that keep people in their homes.
//!
//! Areas are rows, layers are columns: the same area has the same file name in every layer, and dependencies run one way
//! only, to the left. `docs/architecture.md` walks one request through them.
//!
//! ```text
//! domain  <-  policy  <-  persistence  <-  service  <-  graphql  <-  http  <-  cli
//! ```
//!
//! | layer | what lives there | what must not |
//! | --- | --- | --- |
//! | [`domain`] | ids, value types, enums, state machines, time | I/O, SQL, GraphQL |
//! | [`policy`] | the rules of confidentiality as pure functions | async, a database |
//! | [`persistence`] | entities and SQL; client-bound reads through a viewer's scope | decisions |
//! | [`service`] | use cases: facts, policy, one transaction, trace | SQL, GraphQL |
//! | [`graphql`] | types and resolvers, thin | rules |
//! | [`http`] | router, handler, authentication | GraphQL types |
//! | [`cli`] | commands | anything else |
//!
//! [`config`] is plain settings, readable from every layer.

pub mod cli;
pub mod config;
pub mod domain;
pub mod graphql;
pub mod http;
pub mod persistence;
pub mod policy;
pub mod service;
