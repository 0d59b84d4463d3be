//! The rules of confidentiality as pure functions over plain facts: no async, no database, no GraphQL.
//!
//! | file | rules |
//! | --- | --- |
//! | [`viewer`] | who asks, for whom, with which roles (C21) |
//! | [`coverage`] | what consents cover, after withdrawals (C3, C4) |
//! | [`grants`] | the projection: documents to access grants (C2) |
//! | [`disclosure`] | which categories open to a viewer, and why others don't (C2, C12) |
//! | [`explain`] | why a category is seen, told to those entitled (C12) |
//! | [`duty`] | who records, passes on and takes back a duty to refer |
//! | [`emergency`] | who may break the glass, who co-signs and who reviews it (C16, C21) |
//! | [`document`] | documents about the client as such, and to whom they went (C1, C11, C17) |
//! | [`gateway`] | legal gateways: who asks, decides, ends, and what they open (C17) |
//! | [`lawful_basis`] | what a lawful basis of processing needs (C3) |
//! | [`lives`] | who acts for a person and until when, and what ends with it (C3, C24) |
//! | [`links`] | organisations that imply a category (C11) |
//! | [`referral`] | who may take which step, what a submission needs, what a sender learns (C8, C22, C23) |
//! | [`restriction`] | what restrictions beat, and who sets, widens and lifts them (C5-C7) |
//! | [`rules`] | the rule table, written by the rules themselves |
//! | [`supervision`] | who may say who supervises whom (C10) |
//! | [`writing`] | who may add and change what (C22) |

pub mod coverage;
pub mod disclosure;
pub mod document;
pub mod duty;
pub mod emergency;
pub mod explain;
pub mod gateway;
pub mod grants;
pub mod lawful_basis;
pub mod links;
pub mod lives;
pub mod referral;
pub mod restriction;
pub mod rules;
pub mod supervision;
pub mod viewer;
pub mod writing;
