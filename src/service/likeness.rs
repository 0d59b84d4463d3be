//! Records that look like one person's, among those the viewer sees (C15, C23): whether there is one they do not see is told to nobody.

use super::context::{Context, Failure};
use crate::domain::clock::Timestamp;
use crate::domain::ids::ClientId;
use crate::domain::likeness::{Alike, Identity, alike};
use crate::domain::referral::ReferralState;
use crate::domain::section::Section;
use crate::persistence::client::Slice;
use crate::policy::disclosure::Disclosure;
use std::collections::HashMap;

/// The most pairs that are looked at for a page.
const MOST: i64 = 1_000;
/// A case that closed within so many days before makes a new referral a re-referral: two years.
const RECENT_DAYS: i64 = 730;

/// A record that looks like the one that a referral is about.
#[derive(Clone, Debug)]
pub struct LikeRecord {
    /// Like whose.
    pub of: ClientId,
    /// The record.
    pub disclosure: Disclosure,
    /// In what they are alike.
    pub alike: Alike,
    /// Whether a case on it is open or closed within two years, or a referral of it was accepted within them, as far as the viewer sees.
    pub has_recent_case: bool,
}

/// The records that look like these, likeliest first, each once.
pub async fn like(ctx: &Context, of: &[ClientId]) -> Result<Vec<LikeRecord>, Failure> {
    let scope = ctx.scope();
    let pairs = scope.sharing_identity(of, MOST).await?;
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let mut all: Vec<ClientId> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
    all.sort();
    all.dedup();
    let mut known: HashMap<ClientId, Identity> = HashMap::new();
    for (client, section) in scope.identities(&all).await? {
        let identity = known.entry(client).or_default();
        match section {
            Section::Name(name) => identity.name = Some((name.given, name.family)),
            Section::Birth { date } => identity.birth = Some(date),
            _ => {}
        }
    }
    let found: Vec<(ClientId, ClientId, Alike)> =
        pairs.into_iter().filter_map(|(a, b)| Some((a, b, alike(known.get(&a)?, known.get(&b)?)?))).collect();
    let others: Vec<ClientId> = found.iter().map(|(_, other, _)| *other).collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let recent = recent_cases(ctx, &others).await?;
    let disclosures = scope.clients_by_id(&others).await?;
    let mut like: Vec<LikeRecord> = found
        .into_iter()
        .filter_map(|(of, other, alike)| {
            let disclosure = disclosures.iter().find(|d| d.client == other)?.clone();
            Some(LikeRecord { of, disclosure, alike, has_recent_case: recent.contains(&other) })
        })
        .collect();
    // A birth that both have says more than one that is not known.
    like.sort_by_key(|l| (l.of, l.alike.birth.is_none(), l.alike.birth, l.alike.name, l.disclosure.client));
    Ok(like)
}

/// Those of the clients of whom the viewer sees a case that is open or closed lately, or a referral that was accepted lately: the hub sees
/// the referral for a while, and of the case nothing.
async fn recent_cases(ctx: &Context, clients: &[ClientId]) -> Result<Vec<ClientId>, Failure> {
    let newest = Slice { key: None, limit: 20, backwards: false };
    let since = ctx.now().plus_days(-RECENT_DAYS);
    let (scope, lately) = (ctx.scope(), |at: Option<Timestamp>| at.is_none_or(|at| at >= since));
    let cases = scope.cases_of(clients, None, newest).await?;
    let accepted = scope.referrals_of(clients, Some(ReferralState::Accepted), newest).await?;
    let of_cases = cases.iter().filter(|k| lately(k.closed_at)).map(|k| k.client);
    Ok(of_cases.chain(accepted.iter().filter(|r| lately(r.accepted_at)).map(|r| r.client)).collect())
}
