//! The only module that names tables, `entity::*` and SQL.
//!
//! | file | what it keeps |
//! | --- | --- |
//! | [`database`] | pools, transactions, the two dialects |
//! | [`sql`] | constant statements with the few words the databases spell differently |
//! | [`access`] | the fragment that tests the ledger, and [`access::ReadScope`], without which nothing client-bound is read |
//! | [`client`], [`referral`], [`duty`], [`shared_case`], [`consent`], [`signpost`], [`restriction`], [`proxy`], [`lawful_basis`], [`retention`] | finders of client-bound rows, all through the scope |
//! | [`emergency`], [`emergency_read`] | overrides and requests for one: written, and read through the scope |
//! | [`new_leads`] | leads who were none yet when something was put before the others |
//! | [`inbox`] | what somebody is to see or do; an item about a client is read through the scope as well |
//! | [`legal_gateway`], [`outward_disclosure`] | disclosures without consent (C17): written, and read through the scope |
//! | [`explain`] | what an explanation of access rests on |
//! | [`organisation`], [`criteria`], [`person`], [`supervision`] | what is not client-bound |
//! | [`capacity`] | what a team's workers have in hand, and what it states |
//! | [`household`] | who lives together: what protected contact follows |
//! | `kept` | connections that reads keep between statements |
//! | [`ledger`] | facts, projection applied, ledger checked |
//! | [`trace`] | the chain of disclosures |
//! | [`write`], [`convention`] | documents written; idempotency, outbox, settings |

pub mod access;
pub mod capacity;
pub mod client;
pub mod consent;
pub mod contact;
pub mod convention;
pub mod criteria;
pub mod database;
pub mod duty;
pub mod emergency;
pub mod emergency_read;
pub mod explain;
pub mod fault;
pub mod feedback;
pub mod figures;
pub mod household;
pub mod inbox;
mod kept;
pub mod lawful_basis;
pub mod ledger;
pub mod legal_gateway;
pub mod merge;
pub mod new_leads;
pub mod organisation;
pub mod outward_disclosure;
pub mod page;
pub mod person;
pub mod proxy;
pub mod referral;
pub mod restriction;
pub mod retention;
pub mod shared_case;
pub mod signpost;
pub mod sql;
pub mod supervision;
pub mod trace;
pub mod triage;
pub mod write;
