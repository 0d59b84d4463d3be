//! Referrals: the document, its narrative by category, offers, questions, and every step it took.

crate::step!(
    r"
create table referral (
    id uuid primary key,
    client_id uuid not null references client (id),
    organisation_id uuid not null references organisation (id),
    sent_by uuid not null references person (id),
    private_sender boolean not null,
    state text not null check (state in
        ('DRAFT', 'SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'ACCEPTED', 'DECLINE_REVIEW', 'CLOSED')),
    urgency text not null check (urgency in ('HOMELESS_NOW', 'EVICTION_WITHIN_DAYS', 'WITHIN_56_DAYS', 'UPSTREAM')),
    brought bigint not null,
    consent_id uuid references consent (id),
    case_id uuid,
    ground text,
    ground_reason text,
    outcome text,
    outcome_text text,
    next_step text,
    refused_signposting text,
    created_at bigint not null,
    submitted_at bigint,
    triaged_at bigint,
    accepted_at bigint,
    closed_at bigint,
    left_hub_at bigint,
    version bigint not null
);
create index referral_client on referral (client_id);
create index referral_state on referral (state, id);
create table referral_narrative (
    id uuid primary key,
    referral_id uuid not null references referral (id),
    client_id uuid not null references client (id),
    category text not null,
    category_bit bigint not null,
    body text not null,
    unique (referral_id, category)
);
create index referral_narrative_client on referral_narrative (client_id);
create table referral_offer (
    id uuid primary key,
    referral_id uuid not null references referral (id),
    client_id uuid not null references client (id),
    team_id uuid not null references team (id),
    organisation_id uuid not null references organisation (id),
    refuses bigint not null,
    criteria_seen text not null,
    offered_by uuid not null references person (id),
    offered_at bigint not null,
    answer text check (answer in ('ACCEPTED', 'DECLINED', 'NO_ANSWER', 'ENDED')),
    answer_reason text,
    answer_text text,
    answered_by uuid references person (id),
    answered_at bigint
);
create index referral_offer_referral on referral_offer (referral_id);
create index referral_offer_client on referral_offer (client_id);
create table referral_step (
    id uuid primary key,
    referral_id uuid not null references referral (id),
    client_id uuid not null references client (id),
    from_state text not null,
    to_state text not null,
    actor text not null,
    detail text,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null
);
create index referral_step_referral on referral_step (referral_id);
",
    r"
drop table referral_step;
drop table referral_offer;
drop table referral_narrative;
drop table referral;
"
);
