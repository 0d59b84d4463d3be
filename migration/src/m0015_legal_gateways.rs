//! Legal gateways, and disclosures to somebody outside the system (C17), with what the client is told of them (C18).

crate::step!(
    r"
create table legal_gateway (
    id uuid primary key,
    client_id uuid not null references client (id),
    recipient_id uuid not null references organisation (id),
    kind text not null check (kind in ('COURT_ORDER', 'MAPPA', 'MARAC_PROTOCOL', 'CHILD_PROTECTION', 'PUBLIC_PROTECTION',
        'DUTY_IN_LAW')),
    reference text not null,
    categories bigint not null,
    reason text not null,
    starts_at bigint not null,
    until_at bigint not null,
    state text not null check (state in ('ASKED', 'GRANTED', 'REFUSED', 'ENDED')),
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null,
    owner_id uuid not null,
    controller_id uuid not null references organisation (id),
    decided_by uuid references person (id),
    decided_at bigint,
    decision_reason text,
    tell text check (tell in ('TELL', 'WITHHOLD')),
    withhold_until bigint,
    withhold_reason text,
    ended_by uuid references person (id),
    ended_for uuid references organisation (id),
    ended_at bigint,
    end_reason text,
    version bigint not null,
    check (until_at > starts_at),
    check ((state = 'ASKED') = (decided_at is null)),
    check ((state = 'ENDED') = (ended_at is not null)),
    check (tell is null or (tell = 'WITHHOLD') = (withhold_until is not null and withhold_reason is not null))
);
create index legal_gateway_client on legal_gateway (client_id);
create table legal_gateway_watcher (
    gateway_id uuid not null references legal_gateway (id),
    person_id uuid not null references person (id),
    primary key (gateway_id, person_id)
);
create table outward_disclosure (
    id uuid primary key,
    client_id uuid not null references client (id),
    recipient text not null,
    implied_categories bigint not null,
    basis text not null check (basis in ('COURT_ORDER', 'POLICE_REQUEST', 'MAPPA', 'MARAC', 'SAFEGUARDING_REFERRAL',
        'CHILD_PROTECTION', 'PUBLIC_PROTECTION', 'DUTY_IN_LAW')),
    reference text,
    categories bigint not null,
    reveals_location boolean not null,
    summary text not null,
    disclosed_at bigint not null,
    tell text not null check (tell in ('TELL', 'WITHHOLD')),
    withhold_until bigint,
    withhold_reason text,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null,
    owner_id uuid not null,
    controller_id uuid not null references organisation (id),
    check ((tell = 'WITHHOLD') = (withhold_until is not null and withhold_reason is not null))
);
create index outward_disclosure_client on outward_disclosure (client_id);
",
    r"
drop table outward_disclosure;
drop table legal_gateway_watcher;
drop table legal_gateway;
"
);
