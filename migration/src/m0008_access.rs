//! The access ledger (C2): every reason for which somebody may see part of a client's record, one row each.
//!
//! `holder_id` is the person, else the team, else the organisation that a grant is narrowed to, so that one index finds
//! a viewer's grants. A planned end that is not known is the largest bigint, so that no test meets a NULL.

crate::step!(
    r"
create table access_grant (
    id uuid primary key,
    client_id uuid not null references client (id),
    organisation_id uuid not null references organisation (id),
    team_id uuid references team (id),
    person_id uuid references person (id),
    holder_id uuid not null,
    basis text not null check (basis in ('REFERRER', 'HUB', 'OFFER', 'HOLDER', 'TEAM', 'AUTHOR', 'CONSENT', 'PANEL',
        'OVERRIDE', 'LEGAL_GATEWAY', 'OVERSIGHT', 'SUBJECT')),
    basis_bit bigint not null,
    categories bigint not null,
    scope text not null check (scope in ('CLIENT', 'REFERRAL', 'CASE', 'OWN_ITEMS', 'ITEM')),
    scope_id uuid not null,
    opens_client boolean not null,
    names_until bigint not null,
    purpose text not null,
    starts_at bigint not null,
    until_at bigint not null,
    ended_at bigint,
    source_kind text not null,
    source_id uuid not null,
    created_at bigint not null
);
create index access_grant_viewer on access_grant
    (organisation_id, holder_id, client_id, opens_client, basis_bit, starts_at, until_at) where ended_at is null;
create index access_grant_client on access_grant (client_id, organisation_id) where ended_at is null;
create index access_grant_scope on access_grant (organisation_id, holder_id, scope, scope_id) where ended_at is null;
",
    r"
drop table access_grant;
"
);
