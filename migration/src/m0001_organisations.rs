//! Organisations with aliases, parents and merges; likely duplicates awaiting a decision; teams and services.

crate::step!(
    r"
create table organisation (
    id uuid primary key,
    name text not null,
    name_key text not null unique,
    kind text not null,
    is_partner boolean not null,
    is_category boolean not null,
    parent_id uuid references organisation (id),
    merged_into_id uuid references organisation (id),
    implied_categories bigint not null default 0,
    status text not null check (status in ('ACTIVE', 'INACTIVE')),
    version bigint not null,
    created_at bigint not null
);
create table organisation_alias (
    id uuid primary key,
    organisation_id uuid not null references organisation (id),
    name text not null,
    name_key text not null unique,
    created_at bigint not null
);
create index organisation_alias_organisation on organisation_alias (organisation_id);
create table organisation_likeness (
    id uuid primary key,
    first_id uuid not null references organisation (id),
    second_id uuid not null references organisation (id),
    reason text not null,
    score bigint not null,
    decision text not null check (decision in ('UNDECIDED', 'SAME', 'DIFFERENT')),
    decided_by uuid,
    decided_at bigint,
    created_at bigint not null,
    unique (first_id, second_id)
);
create table team (
    id uuid primary key,
    organisation_id uuid not null references organisation (id),
    name text not null,
    is_hub boolean not null,
    refuses bigint not null default 0,
    version bigint not null,
    created_at bigint not null,
    unique (organisation_id, name)
);
create table service (
    id uuid primary key,
    organisation_id uuid not null references organisation (id),
    team_id uuid references team (id),
    name text not null,
    description text not null,
    criteria text not null,
    criteria_changed_at bigint not null,
    area text not null,
    contact text not null,
    status text not null check (status in ('ACTIVE', 'INACTIVE', 'DEFUNCT', 'TEMPORARILY_CLOSED')),
    version bigint not null,
    created_at bigint not null
);
create index service_organisation on service (organisation_id);
",
    r"
drop table service;
drop table team;
drop table organisation_likeness;
drop table organisation_alias;
drop table organisation;
"
);
