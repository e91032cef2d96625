//! stub
use super::MissingReason;
use super::extract::Extraction;
use crate::provider::Finish;
pub enum Decision {
    Settled { reply: usize },
    Ask { double_tokens: bool },
    GivenUp { best: Option<usize> },
}
pub fn decide(e: &[Extraction], f: &[Finish], reasks: u32) -> Decision {
    if e.iter().any(|e| e.choices.iter().all(Option::is_some)) {
        return Decision::Settled { reply: 0 };
    }
    if e.len() < 1 + reasks as usize {
        Decision::Ask {
            double_tokens: f.last() == Some(&Finish::Length),
        }
    } else {
        Decision::GivenUp { best: None }
    }
}
pub fn standing(e: &[Extraction]) -> Option<usize> {
    (0..e.len()).max_by_key(|i| (e[*i].choices.iter().flatten().count(), usize::MAX - i))
}
pub fn missing_reason(_: Finish, _: &Extraction) -> MissingReason {
    MissingReason::NoVerdict
}
