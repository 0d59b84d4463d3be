//! That a referral is a contact request: family, a friend or a landlord sent it, and the person has yet to agree (C23).

crate::step!(
    r"
alter table referral add column contact_request boolean not null default false;
update referral set contact_request = true where organisation_id in
    (select id from organisation where kind in ('FRIENDS_OR_FAMILY', 'LANDLORD'));
update access_grant set ended_at = starts_at where ended_at is null and source_kind = 'consent' and source_id in
    (select c.id from consent c join referral r on r.id = c.referral_id where r.contact_request);
",
    r"
alter table referral drop column contact_request;
"
);
