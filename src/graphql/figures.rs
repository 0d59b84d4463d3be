//! Figures for the hub: by who sends referrals, and by the teams they are offered to.

use super::failure::ApiError;
use super::feedback::{OutcomeCount, share};
use super::organisation::{Organisation, Team};
use super::pagination::{self, Page, connection};
use super::request;
use super::scalars::Date;
use super::siblings::Siblings;
use crate::domain::ids::{OrganisationId, TeamId, TypedId};
use crate::domain::referral::DeclineReason;
use crate::persistence::organisation as registry;
use crate::service::feedback::Feedback;
use crate::service::figures::{self as service, TeamAnswers};
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;

/// What became of the referrals of one sender, of those the viewer sees as the hub now.
#[derive(Clone)]
pub struct SenderFigures {
    sender: OrganisationId,
    told: Feedback,
    siblings: Arc<Siblings<OrganisationId>>,
}

impl SenderFigures {
    async fn organisations(&self, ctx: &Context<'_>) -> Result<Arc<Vec<Organisation>>, ApiError> {
        let database = &request(ctx).app.database;
        self.siblings
            .load::<Vec<Organisation>, _>("organisations", async {
                Ok(Organisation::group(registry::by_id(database, &self.siblings.keys).await?))
            })
            .await
    }
}

/// What became of the referrals of one sender, of those the viewer sees as the hub now.
#[Object]
impl SenderFigures {
    /// Who sent them; what was merged counts with the organisation that stands for it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>, ApiError> {
        Ok(self.organisations(ctx).await?.iter().find(|o| o.key() == self.sender).cloned())
    }

    /// Global id of the body that the sender is an office of, or of who stands for that since it was merged: to add offices up by.
    async fn parent_id(&self, ctx: &Context<'_>) -> Result<Option<ID>, ApiError> {
        let senders = self.organisations(ctx).await?;
        let Some(parent) = senders.iter().find(|o| o.key() == self.sender).and_then(Organisation::parent_key) else {
            return Ok(None);
        };
        let database = &request(ctx).app.database;
        let parents = self
            .siblings
            .load::<Vec<Organisation>, _>("parents", async {
                let list: Vec<_> = senders.iter().filter_map(Organisation::parent_key).collect();
                Ok(Organisation::group(registry::by_id(database, &list).await?))
            })
            .await?;
        let standing = parents.iter().find(|o| o.key() == parent).map_or(parent, Organisation::standing_key);
        // Who was merged into its own office is no body above it.
        Ok((standing != self.sender).then(|| standing.global().into()))
    }

    /// How many were submitted.
    async fn submitted(&self) -> i64 {
        self.told.sent
    }

    /// How many are not answered yet.
    async fn open(&self) -> i64 {
        self.told.open
    }

    /// How many were accepted.
    async fn accepted(&self) -> i64 {
        self.told.accepted
    }

    /// How many closed without a case.
    async fn closed(&self) -> i64 {
        self.told.closed
    }

    /// The share of those answered that was accepted, 0 to 1; `null` while none is answered.
    async fn accepted_share(&self) -> Option<f64> {
        share(self.told.accepted, self.told.accepted.saturating_add(self.told.closed))
    }

    /// How those closed, the most frequent first.
    async fn outcomes(&self) -> Vec<OutcomeCount> {
        OutcomeCount::all(&self.told.outcomes)
    }

    /// How many closed because no service's criteria fit although one of the same sender's had done so before they were sent.
    async fn criteria_not_met_again(&self) -> i64 {
        self.told.not_fitting_again
    }

    /// Median working days from submission to the first offer or the closing, of the latest 10,000 of all senders at most; `null` while
    /// there is none.
    async fn median_working_days_to_triage(&self) -> Option<f64> {
        self.told.median_days
    }
}

connection!(
    SenderFiguresConnection "A page of senders' figures.",
    SenderFiguresEdge "One of a page of senders' figures, with its cursor.",
    SenderFigures,
    |f| f.sender.global()
);

/// How many offers a team declined for one reason.
#[derive(SimpleObject)]
pub struct DeclineCount {
    /// Why.
    reason: DeclineReason,
    /// How many.
    count: i64,
}

/// What became of the offers to one team, of those the viewer sees as the hub now.
#[derive(Clone)]
pub struct TeamFigures {
    team: TeamId,
    told: TeamAnswers,
    siblings: Arc<Siblings<TeamId>>,
}

/// What became of the offers to one team, of those the viewer sees as the hub now.
#[Object]
impl TeamFigures {
    /// The team.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Team>, ApiError> {
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<Team>, _>("teams", async {
                let found = registry::teams(database, &[], &self.siblings.keys).await?;
                Ok(found.into_iter().map(Team).collect())
            })
            .await?;
        Ok(all.iter().find(|t| t.0.id == self.team).cloned())
    }

    /// How many offers were made.
    async fn offered(&self) -> i64 {
        self.told.offered
    }

    /// How many wait for an answer.
    async fn waiting(&self) -> i64 {
        self.told.waiting
    }

    /// How many the team accepted.
    async fn accepted(&self) -> i64 {
        self.told.accepted
    }

    /// How many it declined.
    async fn declined(&self) -> i64 {
        self.told.declined
    }

    /// The share of those the team answered that it accepted, 0 to 1; `null` while it answered none.
    async fn accepted_share(&self) -> Option<f64> {
        share(self.told.accepted, self.told.accepted.saturating_add(self.told.declined))
    }

    /// Why it declined, the most frequent first.
    async fn decline_reasons(&self) -> Vec<DeclineCount> {
        self.told.reasons.iter().map(|(reason, count)| DeclineCount { reason: *reason, count: *count }).collect()
    }

    /// How many the hub took back because no answer came.
    async fn taken_back(&self) -> i64 {
        self.told.taken_back
    }

    /// How many ended unanswered because the referral did.
    async fn ended(&self) -> i64 {
        self.told.ended
    }

    /// Median working days from offer to answer, of the latest 10,000 answered by all teams at most; `null` while there is none.
    async fn median_working_days_to_answer(&self) -> Option<f64> {
        self.told.median_days
    }
}

connection!(
    TeamFiguresConnection "A page of teams' figures.",
    TeamFiguresEdge "One of a page of teams' figures, with its cursor.",
    TeamFigures,
    |f| f.team.global()
);

/// The part of a list, in the order of ids, that was asked for; with how many there are.
fn page<I: TypedId, T>(all: Vec<(I, T)>, asked: &pagination::Asked) -> Result<Page<(I, T)>, ApiError> {
    let slice = asked.slice::<I>()?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let limit = usize::try_from(slice.limit).unwrap_or(usize::MAX);
    let after = |id: &I| slice.key.is_none_or(|key| id.uuid() > key);
    let found = all.into_iter().filter(|(id, _)| after(id)).take(limit).collect();
    Ok(Page::of(found, slice, Some(total)))
}

/// A time by its days, as the figures are asked for.
#[derive(Clone, Copy)]
pub struct Days<'a> {
    /// From this day on.
    pub from: &'a Date,
    /// Before this day.
    pub until: &'a Date,
}

/// Figures by sender.
pub async fn by_sender(
    ctx: &Context<'_>,
    days: Days<'_>,
    asked: pagination::Asked,
) -> Result<SenderFiguresConnection, ApiError> {
    let (from, until) = super::feedback::days(days.from, days.until)?;
    let page = page(service::by_sender(request(ctx), from, until).await?, &asked)?;
    let siblings = Siblings::of(page.items.iter().map(|(sender, _)| *sender).collect());
    Ok(SenderFiguresConnection(page.open(|found| {
        found
            .into_iter()
            .map(|(sender, told)| SenderFigures { sender, told, siblings: Arc::clone(&siblings) })
            .collect()
    })))
}

/// Figures by team.
pub async fn by_team(
    ctx: &Context<'_>,
    days: Days<'_>,
    asked: pagination::Asked,
) -> Result<TeamFiguresConnection, ApiError> {
    let (from, until) = super::feedback::days(days.from, days.until)?;
    let page = page(service::by_team(request(ctx), from, until).await?, &asked)?;
    let siblings = Siblings::of(page.items.iter().map(|(team, _)| *team).collect());
    Ok(TeamFiguresConnection(page.open(|found| {
        found.into_iter().map(|(team, told)| TeamFigures { team, told, siblings: Arc::clone(&siblings) }).collect()
    })))
}
