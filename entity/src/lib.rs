//! SeaORM models of the Alliance database: one file per table, columns and relations, nothing else.
//!
//! Plain columns only (identifiers, text codes, bit masks, microseconds since 1970): `persistence` converts them to the
//! types of `domain`, and is the only module allowed to name this crate.
#![allow(missing_docs)] // columns are described where they are made, in `migration`

pub mod access_grant;
pub mod access_override;
pub mod case_member;
pub mod case_note;
pub mod client;
pub mod client_entry;
pub mod competence;
pub mod consent;
pub mod consent_recipient;
pub mod consent_withdrawal;
pub mod consent_withdrawal_recipient;
pub mod duty_to_refer;
pub mod household_member;
pub mod idempotency;
pub mod identity;
pub mod inbox_item;
pub mod lawful_basis;
pub mod legal_gateway;
pub mod legal_gateway_watcher;
pub mod legal_hold;
pub mod membership;
pub mod membership_team;
pub mod organisation;
pub mod organisation_alias;
pub mod organisation_contact;
pub mod organisation_likeness;
pub mod organisation_merge;
pub mod outbox;
pub mod outward_disclosure;
pub mod override_request;
pub mod override_task;
pub mod person;
pub mod proxy;
pub mod referral;
pub mod referral_narrative;
pub mod referral_offer;
pub mod referral_question;
pub mod referral_step;
pub mod restriction;
pub mod restriction_person;
pub mod service;
pub mod service_criteria;
pub mod setting;
pub mod shared_case;
pub mod signpost;
pub mod supervision;
pub mod team;
pub mod team_digital_worker;
pub mod trace;
pub mod trace_chain;
pub mod trace_unsealed;
