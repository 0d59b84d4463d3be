//! What every mutation shares: idempotent replays, the outbox, and settings made once per database.

crate::step!(
    r"
create table idempotency (
    organisation_id uuid not null,
    person_id uuid not null,
    idempotency_key text not null,
    operation text not null,
    body_hash @bytes not null,
    result text not null,
    recorded_at bigint not null,
    primary key (organisation_id, person_id, idempotency_key)
);
create table outbox (
    id uuid primary key,
    position bigint unique,
    kind text not null,
    subject text not null,
    client_id uuid,
    recorded_by uuid,
    recorded_for uuid,
    recorded_at bigint not null
);
create table setting (
    key text primary key,
    value text not null
);
",
    r"
drop table setting;
drop table outbox;
drop table idempotency;
"
);
