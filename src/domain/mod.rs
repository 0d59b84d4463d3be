//! The words of the field as types: identifiers, enums, sections, state machines, time.
//!
//! Pure: no I/O, no SQL, no GraphQL. Everything else in the crate may depend on this module; it depends on nothing.

pub mod basis;
pub mod calendar;
pub mod caseload;
pub mod category;
pub mod clock;
pub mod code;
pub mod consent;
pub mod criteria;
pub mod document;
pub mod duty;
pub mod eligibility;
pub mod emergency;
pub mod failure;
pub mod ids;
pub mod inbox;
pub mod lawful_basis;
pub mod legal_gateway;
pub mod likeness;
pub mod merge;
pub mod mutation;
pub mod organisation;
pub mod organisation_name;
pub mod outward_disclosure;
pub mod proxy;
pub mod random;
pub mod referral;
pub mod restriction;
pub mod role;
pub mod routing;
pub mod section;
pub mod shared_case;
pub mod signpost;
pub mod tell;
pub mod text;
pub mod triage;
