//! Whether the client is told of what was done without their consent (C18).

use super::clock::Timestamp;
use super::failure::{Problems, UserError, UserErrorCode};
use super::text;
use crate::coded;

coded! { Tell "Whether the client is told, in their access history, of what was done without their consent (C18)." {
    Tell "TELL" "The client is told.",
    Withhold "WITHHOLD" "The client is not told until a date, for a reason.",
} }

/// The longest that something is withheld from the client before it is decided anew, in days: two years.
pub const LONGEST_DAYS: i64 = 731;

/// What the client is to be told, as it is asked for.
#[derive(Clone, Debug, Default)]
pub struct TellAsked {
    /// Whether; as the ground has it when left out.
    pub tell: Option<Tell>,
    /// Until when it is withheld.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

/// What the client is told, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Whether.
    pub tell: Tell,
    /// Until when it is withheld.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

impl TellAsked {
    /// Checks it. Nothing is withheld without a date that a person chose and a reason, even where withholding is the default.
    pub fn checked(&self, default: Tell, now: Timestamp, problems: &mut Problems) -> Telling {
        let tell = self.tell.unwrap_or(default);
        let mut wrong =
            |path: &str, message: &str| problems.add(UserError::at(UserErrorCode::Invalid, path, message));
        if tell == Tell::Tell {
            for (path, given) in [("withholdUntil", self.until.is_some()), ("withholdReason", self.reason.is_some())]
            {
                if given {
                    wrong(path, "Goes with WITHHOLD only.");
                }
            }
            return Telling { tell, until: None, reason: None };
        }
        match self.until {
            None => wrong("withholdUntil", "Say until when the client is not told, or choose TELL."),
            Some(until) if until <= now => wrong("withholdUntil", "Must lie in the future."),
            Some(until) if until > now.plus_days(LONGEST_DAYS) => {
                wrong("withholdUntil", "Must be at most two years away.");
            }
            Some(_) => {}
        }
        if self.reason.is_none() {
            wrong("withholdReason", "Say why the client is not told, or choose TELL.");
        }
        let reason = problems.optional("withholdReason", self.reason.as_deref(), text::LINE);
        Telling { tell, until: self.until, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(asked: &TellAsked, default: Tell) -> Result<Telling, Vec<String>> {
        let mut problems = Problems::default();
        let telling = asked.checked(default, Timestamp(0), &mut problems);
        match problems.done() {
            Ok(()) => Ok(telling),
            Err(list) => Err(list.into_iter().map(|e| format!("{}: {}", e.field.join("."), e.message)).collect()),
        }
    }

    #[test]
    fn nothing_is_withheld_without_a_date_and_a_reason() {
        let until = |t: Timestamp| TellAsked { until: Some(t), reason: Some("Safety.".into()), tell: None };
        assert_eq!(told(&TellAsked::default(), Tell::Tell).map(|t| t.tell), Ok(Tell::Tell));
        let silent = told(&TellAsked::default(), Tell::Withhold);
        assert_eq!(silent.map_err(|list| list.len()), Err(2), "the default asks for both");
        assert!(told(&until(Timestamp(0)), Tell::Withhold).is_err(), "now is not the future");
        assert!(told(&until(Timestamp(1)), Tell::Withhold).is_ok());
        assert!(told(&until(Timestamp(0).plus_days(LONGEST_DAYS)), Tell::Withhold).is_ok());
        assert!(told(&until(Timestamp(1).plus_days(LONGEST_DAYS)), Tell::Withhold).is_err());
        assert_eq!(told(&until(Timestamp(1)), Tell::Tell).map_err(|l| l.len()), Err(2), "a date goes with WITHHOLD");
        let over = TellAsked { tell: Some(Tell::Tell), ..TellAsked::default() };
        assert_eq!(told(&over, Tell::Withhold).map(|t| t.tell), Ok(Tell::Tell), "a default can be overruled");
    }
}
