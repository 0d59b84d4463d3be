//! Consents and their withdrawals (C3, C4), and the restrictions that win over any basis (C5-C7).

crate::step!(
    r"
create table consent (
    id uuid primary key,
    client_id uuid not null references client (id),
    referral_id uuid,
    all_partners boolean not null,
    purposes bigint not null,
    categories bigint not null,
    given_by text not null check (given_by in ('CLIENT', 'PARENT', 'ATTORNEY', 'DEPUTY', 'BEST_INTERESTS_DECISION')),
    given_how text not null check (given_how in ('WRITTEN', 'VERBAL', 'ELECTRONIC', 'BEST_INTERESTS')),
    evidence text not null,
    given_at bigint not null,
    expires_at bigint not null,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null,
    owner_id uuid not null
);
create index consent_client on consent (client_id);
create table consent_recipient (
    consent_id uuid not null references consent (id),
    organisation_id uuid not null references organisation (id),
    primary key (consent_id, organisation_id)
);
create table consent_withdrawal (
    id uuid primary key,
    consent_id uuid not null references consent (id),
    client_id uuid not null references client (id),
    categories bigint not null,
    withdrawn_by text not null,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null
);
create index consent_withdrawal_client on consent_withdrawal (client_id);
create table consent_withdrawal_recipient (
    withdrawal_id uuid not null references consent_withdrawal (id),
    organisation_id uuid not null references organisation (id),
    primary key (withdrawal_id, organisation_id)
);
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
",
    r"
drop table restriction_person;
drop table restriction;
drop table consent_withdrawal_recipient;
drop table consent_withdrawal;
drop table consent_recipient;
drop table consent;
"
);
