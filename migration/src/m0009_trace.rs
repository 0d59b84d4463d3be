//! The trace of disclosures (C20): chains of sealed rows, one chain per process start, and rows waiting to be sealed.
//!
//! `trace.chain_id` has no foreign key: it would cost as much as the row itself, each time; `doctor` looks for rows without a chain.

crate::step!(
    r"
create table trace_chain (
    id uuid primary key,
    started_at bigint not null
);
create table trace (
    chain_id uuid not null,
    seq bigint not null,
    hash @bytes not null,
    kind text not null,
    request_id text not null,
    operation text not null,
    person_id uuid,
    organisation_id uuid,
    roles bigint not null,
    client_id uuid,
    categories bigint not null,
    grants @bytes not null,
    asked text not null,
    at bigint not null,
    primary key (chain_id, seq)
);
create index trace_client on trace (client_id) where client_id is not null;
create table trace_unsealed (
    id uuid primary key,
    kind text not null,
    request_id text not null,
    operation text not null,
    person_id uuid,
    organisation_id uuid,
    roles bigint not null,
    client_id uuid,
    categories bigint not null,
    grants @bytes not null,
    asked text not null,
    at bigint not null
);
",
    r"
drop table trace_unsealed;
drop table trace;
drop table trace_chain;
"
);
