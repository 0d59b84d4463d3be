//! Signposts: telling a person or a referrer about another service, and what became of it.

crate::step!(
    r"
create table signpost (
    id uuid primary key,
    client_id uuid not null references client (id),
    referral_id uuid references referral (id),
    case_id uuid references shared_case (id),
    service_id uuid not null references service (id),
    told text not null check (told in ('CLIENT', 'REFERRER', 'BOTH')),
    channel text not null check (channel in ('FACE_TO_FACE', 'PHONE', 'EMAIL', 'TEXT_MESSAGE', 'LETTER', 'THROUGH_REFERRER')),
    reason text not null,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null,
    owner_id uuid not null,
    follow_up text check (follow_up in ('CONTACTED', 'ENGAGED', 'TURNED_AWAY', 'COULD_NOT_REACH', 'UNKNOWN')),
    followed_up_by uuid references person (id),
    followed_up_at bigint,
    version bigint not null,
    check (referral_id is not null or case_id is not null)
);
create index signpost_referral on signpost (referral_id);
create index signpost_case on signpost (case_id);
create index signpost_client on signpost (client_id);
",
    r"
drop table signpost;
"
);
