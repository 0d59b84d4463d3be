//! How many people a worker supports at a time, and so how many a team has room for.

/// A worker who meets people.
pub const LIMIT: i64 = 25;
/// A worker whose support is digital alone.
pub const DIGITAL_LIMIT: i64 = 30;

/// What one worker has in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caseload {
    /// Open cases that they lead.
    pub open: i64,
    /// Their support is digital alone.
    pub is_digital: bool,
}

impl Caseload {
    /// How many people they support at most.
    pub const fn limit(self) -> i64 {
        if self.is_digital { DIGITAL_LIMIT } else { LIMIT }
    }

    /// How many more they could take.
    pub fn room(self) -> i64 {
        (self.limit() - self.open).max(0)
    }
}

/// How many more people these workers could take. Who has too many makes no room smaller that others have.
pub fn room(all: &[Caseload]) -> i64 {
    all.iter().map(|c| c.room()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_has_room_up_to_the_limit_of_their_way_of_working() {
        let of = |open, is_digital| Caseload { open, is_digital };
        let table = [
            (0, false, 25),
            (24, false, 1),
            (25, false, 0),
            (40, false, 0),
            (25, true, 5),
            (30, true, 0),
            (31, true, 0),
        ];
        for (open, digital, left) in table {
            assert_eq!(of(open, digital).room(), left, "{open} {digital}");
        }
        assert_eq!(room(&[of(40, false), of(20, false), of(28, true)]), 7);
        assert_eq!(room(&[]), 0);
    }
}
