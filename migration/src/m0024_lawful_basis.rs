//! On which lawful basis an organisation processes what it has of a client (C3): a record of its own, beside consent, that opens nothing.

crate::step!(
    r"
create table lawful_basis (
    id uuid primary key,
    client_id uuid not null references client (id),
    basis text not null check (basis in ('CONSENT', 'CONTRACT', 'LEGAL_OBLIGATION', 'VITAL_INTERESTS', 'PUBLIC_TASK',
        'LEGITIMATE_INTERESTS', 'RECOGNISED_LEGITIMATE_INTERESTS')),
    special_condition text check (special_condition in ('EXPLICIT_CONSENT', 'SOCIAL_PROTECTION', 'VITAL_INTERESTS',
        'NOT_FOR_PROFIT_BODY', 'MADE_PUBLIC', 'LEGAL_CLAIMS', 'SUBSTANTIAL_PUBLIC_INTEREST', 'HEALTH_OR_SOCIAL_CARE',
        'PUBLIC_HEALTH', 'ARCHIVING_RESEARCH_STATISTICS')),
    schedule_condition text,
    categories bigint not null,
    reason text not null,
    starts_at bigint not null,
    until_at bigint not null,
    ended_by uuid references person (id),
    ended_at bigint,
    end_reason text,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null,
    owner_id uuid not null,
    version bigint not null,
    check (until_at > starts_at),
    check ((ended_at is null) = (end_reason is null))
);
create index lawful_basis_client on lawful_basis (client_id, id);
",
    r"
drop table lawful_basis;
"
);
