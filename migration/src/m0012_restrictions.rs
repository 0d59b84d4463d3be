//! Restrictions as people set and lift them (C5-C7): why, for which agency, because of whose, and who asked for it to be lifted;
//! what a grant passes of them; items that stay with who recorded them (C9).
//!
//! The two tables are made anew, because SQLite cannot change a CHECK; no step before this one could fill them.

crate::step!(
    r"
drop table restriction_person;
drop table restriction;
create table restriction (
    id uuid primary key,
    client_id uuid not null references client (id),
    kind text not null check (kind in ('SEALED', 'OBJECTION', 'PROTECTED_CONTACT', 'CONTACT_PREFERENCE')),
    organisation_id uuid references organisation (id),
    person_id uuid references person (id),
    reason text not null default '',
    because_of uuid references restriction (id),
    recorded_by uuid not null references person (id),
    recorded_for uuid references organisation (id),
    recorded_at bigint not null,
    lift_asked_by uuid references person (id),
    lift_asked_at bigint,
    lifted_by uuid references person (id),
    lift_reason text,
    ended_at bigint,
    version bigint not null default 1
);
create index restriction_client on restriction (client_id) where ended_at is null;
create index restriction_because on restriction (because_of) where because_of is not null;
create table restriction_person (
    restriction_id uuid not null references restriction (id),
    person_id uuid not null references person (id),
    offer_id uuid,
    primary key (restriction_id, person_id)
);
create index restriction_person_offer on restriction_person (offer_id) where offer_id is not null;
alter table access_grant add column passes bigint not null default 0;
alter table client_entry add column third_party boolean not null default false;
alter table referral_offer add column worker_id uuid;
create index household_member_client on household_member (client_id);
create index household_member_linked on household_member (linked_client_id) where linked_client_id is not null;
",
    r"
drop index household_member_linked;
drop index household_member_client;
alter table referral_offer drop column worker_id;
alter table client_entry drop column third_party;
alter table access_grant drop column passes;
drop table restriction_person;
drop table restriction;
create table restriction (
    id uuid primary key,
    client_id uuid not null references client (id),
    kind text not null check (kind in ('SEALED', 'OBJECTION', 'PROTECTED_CONTACT')),
    organisation_id uuid references organisation (id),
    person_id uuid references person (id),
    recorded_by uuid not null references person (id),
    recorded_at bigint not null,
    ended_at bigint
);
create index restriction_client on restriction (client_id) where ended_at is null;
create table restriction_person (
    restriction_id uuid not null references restriction (id),
    person_id uuid not null references person (id),
    primary key (restriction_id, person_id)
);
"
);
