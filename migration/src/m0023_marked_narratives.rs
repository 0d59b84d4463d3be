//! What a referral tells of can be marked as telling where the person can be found (C7), then or later: a narrative as an entry already is.

crate::step!(
    r"
alter table referral_narrative add column reveals_location boolean not null default false;
alter table referral_narrative add column version bigint not null default 1;
",
    r"
alter table referral_narrative drop column version;
alter table referral_narrative drop column reveals_location;
"
);
