//! Use cases: load facts, ask policy, one transaction, write the trace.
//!
//! | file | use cases |
//! | --- | --- |
//! | [`context`] | the application, and one request in it: viewer, scope, what was disclosed |
//! | [`unit`] | the unit of work that every mutation runs in |
//! | [`session`] | from a verified token to a viewer (C21) |
//! | [`referral`], [`client`], [`consent`], [`shared_case`], [`signpost`], [`restriction`], [`household`], [`proxy`], [`lawful_basis`] | writing client data |
//! | [`triage`], [`duty`] | what the hub does with a referral before it offers it; the duty to refer |
//! | [`retention`] | how long records are kept, and legal holds (C24) |
//! | [`supervision`] | who supervises whom (C10) |
//! | [`legal_gateway`], [`outward_disclosure`] | disclosures without consent (C17), and what the client is told (C18) |
//! | [`capacity`] | how many people a team has room for |
//! | [`criteria`], [`eligibility`] | whom services are for, and where a person would fit |
//! | [`organisation`] | the registry, teams, services, people |
//! | [`emergency`] | breaking the glass |
//! | [`jobs`] | what happens after a commit or when time comes; `new_leads` tells leads appointed later |
//! | [`inbox`] | what somebody is to see or do |
//! | [`import`] | bulk import of referring organisations |
//! | [`referral_import`], [`referral_export`] | referrals in bulk: a sender's file in, what became of them out |
//! | [`doctor`] | checks of trace, ledger and migrations |
//! | [`demo`] | invented demonstration data |

pub mod capacity;
pub mod client;
pub mod consent;
pub mod contact;
pub mod context;
pub mod criteria;
pub mod demo;
pub mod doctor;
pub mod duty;
pub mod eligibility;
pub mod emergency;
mod emergency_jobs;
pub mod feedback;
pub mod figures;
pub mod household;
pub mod import;
pub mod inbox;
pub mod jobs;
pub mod lawful_basis;
pub mod legal_gateway;
pub mod likeness;
pub mod merge;
mod new_leads;
pub mod organisation;
pub mod outward_disclosure;
pub mod proxy;
pub mod referral;
pub mod referral_export;
pub mod referral_import;
pub mod restriction;
pub mod retention;
pub mod routing;
pub mod session;
pub mod shared_case;
pub mod signpost;
pub mod supervision;
pub mod triage;
pub mod unit;
