//! What may become of a call, how likely each of it is, and how often it was.

/// What becomes of a call: {it happens or not} × {that is reported or not}.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It happens, and is answered.
    Answered,
    /// It does not happen, and the error says so.
    Refused,
    /// It does not happen, and nobody can tell.
    RequestLost,
    /// It happens, and nobody can tell.
    ReplyLost,
}

impl Fate {
    /// The three that are faults.
    pub const FAULTS: [Self; 3] = [Self::Refused, Self::RequestLost, Self::ReplyLost];
}

/// How many of a hundred calls meet which fault. The others are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Odds {
    /// How many are [`Refused`](Fate::Refused).
    pub refused: u8,
    /// Of how many the [request is lost](Fate::RequestLost).
    pub request_lost: u8,
    /// Of how many the [reply is lost](Fate::ReplyLost).
    pub reply_lost: u8,
}

impl Odds {
    /// No faults.
    pub const NONE: Self = Self { refused: 0, request_lost: 0, reply_lost: 0 };

    /// So many of each fault in a hundred calls.
    pub const fn each(percent: u8) -> Self {
        Self { refused: percent, request_lost: percent, reply_lost: percent }
    }

    /// The fate that a number from 0 to 99 stands for.
    pub(super) fn fate(self, number: u8) -> Fate {
        let mut end = 0_u16;
        for (fate, percent) in Fate::FAULTS.into_iter().zip([self.refused, self.request_lost, self.reply_lost]) {
            end += u16::from(percent);
            if u16::from(number) < end {
                return fate;
            }
        }
        Fate::Answered
    }
}

/// How many calls met which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// How many were [`Answered`](Fate::Answered).
    pub answered: u64,
    /// How many were [`Refused`](Fate::Refused).
    pub refused: u64,
    /// Of how many the [request was lost](Fate::RequestLost).
    pub request_lost: u64,
    /// Of how many the [reply was lost](Fate::ReplyLost).
    pub reply_lost: u64,
}

impl Tally {
    /// How many calls met a fault.
    pub const fn faults(self) -> u64 {
        self.refused + self.request_lost + self.reply_lost
    }

    /// How many calls there were.
    pub const fn calls(self) -> u64 {
        self.answered + self.faults()
    }

    pub(super) fn count(&mut self, fate: Fate) {
        *match fate {
            Fate::Answered => &mut self.answered,
            Fate::Refused => &mut self.refused,
            Fate::RequestLost => &mut self.request_lost,
            Fate::ReplyLost => &mut self.reply_lost,
        } += 1;
    }
}
