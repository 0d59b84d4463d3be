//! Clients, and the dated entries their category sections are made of (C1).
//!
//! `owner_id` says whose own item a row is, as a grant's `scope_id` names it: the referral an entry came with, the hub team
//! that recorded it for the hub, else the organisation it was recorded for.

crate::step!(
    r"
create table client (
    id uuid primary key,
    status text not null check (status in ('PROVISIONAL', 'CONFIRMED')),
    died_on text,
    created_at bigint not null
);
create table client_entry (
    id uuid primary key,
    client_id uuid not null references client (id),
    category text not null,
    category_bit bigint not null,
    body text not null,
    search_key text,
    reveals_location boolean not null default false,
    referral_id uuid,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    owner_id uuid not null,
    controller_id uuid not null references organisation (id),
    recorded_at bigint not null,
    replaces_id uuid references client_entry (id),
    replaced_at bigint,
    correction_reason text,
    version bigint not null
);
create index client_entry_client on client_entry (client_id, category_bit, recorded_at) where replaced_at is null;
create index client_entry_search on client_entry (category, search_key) where search_key is not null;
create index client_entry_referral on client_entry (referral_id) where referral_id is not null;
create table household_member (
    id uuid primary key,
    entry_id uuid not null references client_entry (id),
    client_id uuid not null references client (id),
    name text not null,
    relationship text not null,
    age_band text not null,
    linked_client_id uuid references client (id)
);
create index household_member_entry on household_member (entry_id);
",
    r"
drop table household_member;
drop table client_entry;
drop table client;
"
);
