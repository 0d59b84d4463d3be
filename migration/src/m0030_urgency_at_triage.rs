//! The urgency as the sender wrote it, beside the one that triage finds.

crate::step!(
    r"
alter table referral add column sent_urgency text not null default 'UPSTREAM';
update referral set sent_urgency = urgency;
",
    r"
update referral set urgency = sent_urgency, urgency_rank = case sent_urgency when 'HOMELESS_NOW' then 0
    when 'EVICTION_WITHIN_DAYS' then 1 when 'WITHIN_56_DAYS' then 2 else 3 end;
delete from referral_step where from_state = to_state;
alter table referral drop column sent_urgency;
"
);
