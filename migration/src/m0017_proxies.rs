//! Who speaks for a person, until when, and who never does; recorded competence; what stands in consent's place (C3, C24).

crate::step!(
    r"
create table proxy (
    id uuid primary key,
    client_id uuid not null references client (id),
    kind text not null check (kind in ('PARENT', 'ATTORNEY', 'DEPUTY')),
    name text not null,
    starts_at bigint not null,
    until_at bigint not null,
    ended_at bigint,
    end_reason text,
    excluded_at bigint,
    exclusion_reason text,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null,
    owner_id uuid not null,
    version bigint not null,
    check (until_at > starts_at),
    check ((ended_at is null) = (end_reason is null)),
    check ((excluded_at is null) = (exclusion_reason is null))
);
create index proxy_client on proxy (client_id);
create table competence (
    id uuid primary key,
    client_id uuid not null references client (id),
    assessed_at bigint not null,
    assessed_by text not null,
    how text not null,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null,
    owner_id uuid not null
);
create index competence_client on competence (client_id);
alter table consent add column proxy_id uuid;
alter table consent add column decided_by text;
alter table consent add column decision_reason text;
",
    r"
alter table consent drop column decision_reason;
alter table consent drop column decided_by;
alter table consent drop column proxy_id;
drop table competence;
drop table proxy;
"
);
