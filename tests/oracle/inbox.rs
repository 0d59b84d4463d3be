//! What the service must answer about the viewer's inbox: what they are to see or do for the organisation they act for. What is
//! about a client is there while something reaches that client, or the very document (C2, C16).

use super::facts::{Item, Request};
use super::rules::{Reach, Set};
use super::shown::{Field, Oracle, asked, global, moment, moment_or_null, object};
use serde_json::{Value, json};
use std::cmp::Reverse;
use uuid::Uuid;

impl Oracle<'_> {
    fn has_item(&self, i: &Item) -> bool {
        let mine = i.person_id == self.viewer.person && i.organisation_id == self.viewer.organisation;
        let reached = |client| {
            self.sight(client).keys.iter().any(|k| match k.reach {
                Reach::Client => true,
                Reach::Referral(id) | Reach::Case(id) | Reach::Brought(id) | Reach::Item(id) => id == i.subject_id,
                Reach::Own(_) => false,
            })
        };
        mine && i.client_id.is_none_or(reached)
    }

    /// The inbox, newest first.
    pub fn inbox(&self, field: &Field) -> Value {
        let state = field.only.map(|(_, s)| s);
        let fits = |i: &&Item| match state {
            Some("UNREAD") => i.read_at.is_none(),
            Some("OPEN") => i.done_at.is_none(),
            Some("DONE") => i.done_at.is_some(),
            _ => true,
        };
        let seen = self.facts.items.iter().filter(fits).filter(|i| self.has_item(i));
        let mut all: Vec<_> = seen.map(|i| (i.id, i)).collect();
        all.sort_by_key(|(id, _)| Reverse(*id));
        self.page(field, "inbox", &all, |fields, i| self.of_item(fields, i))
    }

    /// An item by its id.
    pub fn item(&self, fields: &[Field], id: Uuid) -> Value {
        let found = self.facts.items.iter().find(|i| i.id == id && self.has_item(i));
        found.map_or(Value::Null, |i| self.of_item(fields, i))
    }

    fn of_item(&self, fields: &[Field], i: &Item) -> Value {
        object(fields, |f| match f.name {
            "id" => global("inbox", i.id),
            "kind" => json!(i.kind),
            "subject" => self.subject(&f.sub, i),
            "client" => i.client_id.map_or(Value::Null, |c| self.client(&f.sub, c)),
            "postedAt" => moment(i.posted_at),
            "dueAt" => moment_or_null(i.due_at),
            "readAt" => moment_or_null(i.read_at),
            "doneAt" => moment_or_null(i.done_at),
            name => panic!("no such field of an item: {name}"),
        })
    }

    /// What an item is about, where the viewer sees it.
    fn subject(&self, fields: &[Field], i: &Item) -> Value {
        let (tag, _) = i.subject.split_once('_').expect("a global id");
        let on = match tag {
            "override" => "... on Override",
            "request" => "... on OverrideRequest",
            "gateway" => "... on LegalGateway",
            "referral" => "... on Referral",
            "case" => "... on SharedCase",
            tag => panic!("an item about a {tag}"),
        };
        let mine: Vec<_> = fields
            .iter()
            .flat_map(|f| match f.name {
                "id" => vec![f.clone()],
                name if name == on => f.sub.clone(),
                _ => Vec::new(),
            })
            .collect();
        self.by_id(tag, &mine, i.subject_id)
    }

    /// A request that led to no single record: for the leads it was sent to, so that somebody rings back (C16).
    pub fn request(&self, fields: &[Field], r: &Request) -> Value {
        let v = self.viewer;
        let sent = self
            .facts
            .items
            .iter()
            .any(|i| i.subject_id == r.id && i.person_id == v.person && i.organisation_id == v.organisation);
        if !v.oversees() || !sent {
            return Value::Null;
        }
        let asker = self.facts.people.iter().find(|p| p.id == r.person_id).map(|p| &p.name);
        let from = self.facts.organisations.iter().find(|o| o.id == r.organisation_id).map(|o| &o.name);
        asked(
            fields,
            &json!({
                "id": global("request", r.id), "givenName": r.given_name, "familyName": r.family_name,
                "dateOfBirth": r.date_of_birth, "categories": Set(r.categories).names(), "ground": r.ground, "reason": r.reason,
                "askedAt": moment(r.asked_at), "askedByName": asker, "askedForName": from,
            }),
        )
    }
}
