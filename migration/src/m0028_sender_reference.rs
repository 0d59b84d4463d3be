//! The reference under which a sender keeps its referral in its own system, so that sending a file again sends nobody twice.
//!
//! It is not unique in the database: a referral that is hidden from its sender would make itself known by a violation (C14).

crate::step!(
    r"
alter table referral add column sender_reference text;
create index referral_sender_reference on referral (organisation_id, sender_reference, id) where sender_reference is not null;
create index referral_sender on referral (organisation_id, id);
",
    r"
drop index referral_sender;
drop index referral_sender_reference;
alter table referral drop column sender_reference;
"
);
