//! The sections of a record are read with their replaced entries, because an author keeps the name as it stood (C2 AUTHOR):
//! an index of the current entries alone is of no use to them, and every point read would walk the whole table.

crate::step!(
    r"
drop index client_entry_client;
create index client_entry_client on client_entry (client_id, category_bit, recorded_at);
",
    r"
drop index client_entry_client;
create index client_entry_client on client_entry (client_id, category_bit, recorded_at) where replaced_at is null;
"
);
