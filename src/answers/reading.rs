//! What a reply gives: an option, or why there is none.

use super::extract::{self, Reading, Unreadable};
use super::{Given, Missing};
use crate::provider::Finish;
use crate::study::Scale;

/// What a reply that ended so gives.
pub fn read(text: &str, finish: Finish, scale: &Scale) -> (Given, Option<Unreadable>) {
    if finish == Finish::Refusal {
        return (Given::Missing(Missing::Refused), None);
    }
    let reading = extract::extract(text, scale);
    if finish == Finish::Length && !stands(text, reading, scale) {
        return (Given::Missing(Missing::Truncated), None);
    }
    match reading {
        Reading::Option(position) => (Given::Option(position), None),
        Reading::Refused => (Given::Missing(Missing::Refused), None),
        Reading::Unreadable(why) => (Given::Missing(Missing::Unreadable), Some(why)),
    }
}

/// Whether what was read of a reply that was cut off would have been read of all of it:
/// an option where an answer stands, and not one whose digits may have gone on.
fn stands(text: &str, reading: Reading, scale: &Scale) -> bool {
    let Reading::Option(position) = reading else {
        return reading == Reading::Refused;
    };
    if !extract::is_settled(text, scale) {
        return false;
    }
    if !text.ends_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let code = scale.options()[usize::from(position)].code.to_string();
    let mut codes = scale.codes().map(|other| other.to_string());
    !codes.any(|other| other.len() > code.len() && other.starts_with(&code))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Answer: 1", Finish::Stop, Given::Option(0))]
    #[case("Answer: 1", Finish::Length, Given::Missing(Missing::Truncated))]
    #[case("Answer: 2", Finish::Length, Given::Option(1))]
    #[case("Answer: 1, because", Finish::Length, Given::Option(0))]
    #[case("I think that", Finish::Length, Given::Missing(Missing::Truncated))]
    #[case("I think that", Finish::Stop, Given::Missing(Missing::Unreadable))]
    #[case("Answer: 1", Finish::Refusal, Given::Missing(Missing::Refused))]
    #[case("I cannot answer", Finish::Stop, Given::Missing(Missing::Refused))]
    #[case(
        "Option 1 is what the young would say, but my",
        Finish::Length,
        Given::Missing(Missing::Truncated)
    )]
    #[case(
        "I weigh option 3, and my faith",
        Finish::Length,
        Given::Missing(Missing::Truncated)
    )]
    #[case(
        "The answer is 3 for the young, but",
        Finish::Length,
        Given::Missing(Missing::Truncated)
    )]
    #[case(
        "Let me think.\n\n3",
        Finish::Length,
        Given::Missing(Missing::Truncated)
    )]
    #[case("My answer is 3, because my", Finish::Length, Given::Option(2))]
    #[case("3\n\nI say so because", Finish::Length, Given::Option(2))]
    #[case("{\"answer\": 3} I say so because", Finish::Length, Given::Option(2))]
    #[case("<answer>3</answer> I say so", Finish::Length, Given::Option(2))]
    #[case("", Finish::Other, Given::Missing(Missing::Unreadable))]
    fn the_end_of_a_reply_counts(#[case] text: &str, #[case] finish: Finish, #[case] given: Given) {
        let scale = Scale::parse("1|2|3|4|5|6|7|8|9|10").unwrap();
        assert_eq!(read(text, finish, &scale).0, given);
    }
}
