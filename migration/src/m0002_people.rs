//! Persons (staff), the identities issuers know them by, and their memberships with roles and teams (C21).

crate::step!(
    r"
create table person (
    id uuid primary key,
    name text not null,
    version bigint not null,
    created_at bigint not null
);
create table identity (
    id uuid primary key,
    issuer text not null,
    subject text not null,
    person_id uuid not null references person (id),
    created_at bigint not null,
    unique (issuer, subject)
);
create table membership (
    id uuid primary key,
    person_id uuid not null references person (id),
    organisation_id uuid not null references organisation (id),
    roles bigint not null,
    started_at bigint not null,
    ended_at bigint,
    version bigint not null
);
create unique index membership_live on membership (person_id, organisation_id) where ended_at is null;
create table membership_team (
    membership_id uuid not null references membership (id),
    team_id uuid not null references team (id),
    primary key (membership_id, team_id)
);
create index membership_team_team on membership_team (team_id);
",
    r"
drop table membership_team;
drop table membership;
drop table identity;
drop table person;
"
);
