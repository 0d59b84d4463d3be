//! HTTP: the router, the GraphQL-over-HTTP handler, authentication, health.
//!
//! | file | what |
//! | --- | --- |
//! | [`server`] | the router and what a running server shares |
//! | [`handler`] | GraphQL over HTTP, and the one place where a request is executed |
//! | [`bulk`] | referrals in bulk: a file in, line by line answered; what became of them out |
//! | [`upload`] | a request's body as a file that is read while it comes |
//! | [`document`] | documents parsed once, counted and limited |
//! | [`execution`] | an execution that comes to its end although nobody waits any more |
//! | [`authentication`] | bearer tokens to viewers; every bad one gets the same 401 |
//! | [`shape`] | the order of a response's fields |
//! | [`accept`] | which media type the answer takes |
//! | [`graphiql`] | GraphiQL from embedded assets, development only |

pub mod accept;
pub mod authentication;
pub mod bulk;
pub mod document;
pub mod execution;
pub mod graphiql;
pub mod handler;
pub mod server;
pub mod shape;
pub mod upload;
