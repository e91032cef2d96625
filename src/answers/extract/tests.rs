use proptest::prelude::*;
use rstest::rstest;

use super::*;

mod hedges;
mod honest;
mod refusals;

const IMPORTANCE: &str =
    "1 = Very important | 2 = Rather important | 3 = Not very important | 4 = Not at all important";
const TEN: &str = "1 = Never justifiable | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 = Always justifiable";
const AGREE: &str =
    "1 = Strongly agree | 2 = Agree | 3 = Neither | 4 = Disagree | 5 = Strongly disagree";

fn read(reply: &str, cell: &str) -> Reading {
    extract(reply, &Scale::parse(cell).unwrap())
}

/// The code that is read, or why there is none.
fn said(reply: &str, cell: &str) -> Result<i32, Reading> {
    let scale = Scale::parse(cell).unwrap();
    match extract(reply, &scale) {
        Reading::Option(position) => Ok(scale.options()[usize::from(position)].code),
        other => Err(other),
    }
}

#[rstest]
#[case("Answer: 3")]
#[case("answer:3")]
#[case("**Answer:** 3")]
#[case("**Answer: 3**")]
#[case("Answer: **3**")]
#[case("ANSWER: 3.")]
#[case("Answer: (3)")]
#[case("Answer: 3 = Not very important")]
#[case("Answer: 3 - Not very important")]
#[case("Answer: 3. Not very important")]
#[case("Answer: Not very important")]
#[case("Answer: \"Not very important.\"")]
#[case("Answer:\n3")]
#[case("Answer:\n\n**3**")]
#[case("Answer - 3")]
#[case("Final answer: 3")]
#[case("My answer is 3.")]
#[case("The answer is: 3")]
#[case("My answer would be 3, because I have 4 children.")]
#[case("I thought of it for long.\n\nAnswer: 3")]
#[case("Answer: 3\n\nI have 4 children and option 1 is for others.")]
#[case("Answer: 3\nAnswer: 3")]
#[case("Answer: 3.0")]
#[case("3")]
#[case(" 3.\n")]
#[case("(3)")]
#[case("[3]")]
#[case("3 = Not very important")]
#[case("3. Not very important")]
#[case("3: not very important")]
#[case("3) Not very important")]
#[case("Option 3")]
#[case("Option 3: Not very important")]
#[case("not very important")]
#[case("Not very important.")]
#[case("3\n\nBecause I never cared for it.")]
#[case("I never cared for it.\n\n3")]
#[case("{\"answer\": 3}")]
#[case("{\"answer\": \"3\"}")]
#[case("{\"Answer\": \"Not very important\"}")]
#[case("```json\n{\"answer\": 3}\n```")]
#[case("```\n{\"choice\": 3}\n```")]
#[case("Here you are: {\"answer\": 3}")]
#[case("{\"reason\": \"answer: 1 is too much\", \"answer\": 3}")]
#[case("<think>Answer: 1? No.</think>Answer: 3")]
#[case("<think>\n1\n</think>\n\n3")]
#[case("I would choose option 3.")]
#[case("I pick 3, I suppose.")]
#[case("I'd select option #3")]
#[case("Not very important (3)")]
#[case("**Not very important** (3)")]
#[case("\\boxed{3}")]
#[case("So it is $\\boxed{\\text{Not very important}}$.")]
#[case("<answer>3</answer>")]
#[case("<answer>\n3\n</answer>")]
#[case("Response: 3")]
#[case("My choice is 3.")]
#[case("Answer 3")]
#[case("{\"answer\":[3]}")]
#[case("{\"answer\": \"Option 3\"}")]
#[case("{\"answer\": {\"code\": 3, \"label\": \"Not very important\"}}")]
#[case("There is no doubt that the answer is 3.")]
#[case("I have no religion so my answer is 3.")]
#[case("I choose 3 because of my children.")]
fn the_third_option_is_read(#[case] reply: &str) {
    assert_eq!(said(reply, IMPORTANCE), Ok(3), "{reply}");
}

#[rstest]
#[case("Answer: 10", 10)]
#[case("Answer: 1", 1)]
#[case("Answer: 7/10", 7)]
#[case("Answer: 7 out of 10", 7)]
#[case("7/10", 7)]
#[case("10/10", 10)]
#[case("Answer: always justifiable", 10)]
fn a_scale_up_to_ten_is_read(#[case] reply: &str, #[case] code: i32) {
    assert_eq!(said(reply, TEN), Ok(code));
}

#[rstest]
#[case("Answer: 1/4", IMPORTANCE, Ok(1))]
#[case("Answer: 1 / 4", IMPORTANCE, Ok(1))]
#[case("2 / 4", IMPORTANCE, Ok(2))]
#[case("４／４", IMPORTANCE, Ok(4))]
#[case("{\"answer\": \"1 / 4\"}", IMPORTANCE, Ok(1))]
#[case("Answer: 3 out of 4", IMPORTANCE, Ok(3))]
#[case("Answer: 7 / 10, I suppose.", TEN, Ok(7))]
#[case("Answer: 3/4", IMPORTANCE, Err(Unreadable::Ambiguous))]
#[case("Answer: 3 / 4", IMPORTANCE, Err(Unreadable::Ambiguous))]
#[case("3/4", IMPORTANCE, Err(Unreadable::Ambiguous))]
#[case("{\"answer\": \"3/4\"}", IMPORTANCE, Err(Unreadable::Ambiguous))]
#[case("9/10", TEN, Err(Unreadable::Ambiguous))]
#[case("Answer: 2/3", IMPORTANCE, Err(Unreadable::OffScale))]
#[case("Answer: 2 / 3", IMPORTANCE, Err(Unreadable::OffScale))]
fn so_many_of_the_highest_code_is_read_unless_it_may_be_one_of_two(
    #[case] reply: &str,
    #[case] cell: &str,
    #[case] read: Result<i32, Unreadable>,
) {
    assert_eq!(
        said(reply, cell),
        read.map_err(Reading::Unreadable),
        "{reply}"
    );
}

#[rstest]
#[case("Answer: Strongly agree", 1)]
#[case("Answer: agree", 2)]
#[case("Disagree", 4)]
#[case("Strongly disagree.", 5)]
#[case("Answer: Agree, on the whole.", 2)]
fn the_longest_label_is_read(#[case] reply: &str, #[case] code: i32) {
    assert_eq!(said(reply, AGREE), Ok(code));
}

#[rstest]
#[case("Answer: 5", IMPORTANCE, Unreadable::OffScale)]
#[case("Answer: 0", IMPORTANCE, Unreadable::OffScale)]
#[case("Answer: -1", IMPORTANCE, Unreadable::OffScale)]
#[case("Answer: 2.5", IMPORTANCE, Unreadable::OffScale)]
#[case("99999999999999999999", IMPORTANCE, Unreadable::OffScale)]
#[case("{\"answer\": 7}", IMPORTANCE, Unreadable::OffScale)]
#[case("Answer: 3 or 4", IMPORTANCE, Unreadable::Ambiguous)]
#[case("Answer: 3-4", IMPORTANCE, Unreadable::Ambiguous)]
#[case("Answer: 3, 4", IMPORTANCE, Unreadable::Ambiguous)]
#[case("Answer: 3\nAnswer: 4", IMPORTANCE, Unreadable::Ambiguous)]
#[case("Answer: 3\n\nFinal answer: 4", IMPORTANCE, Unreadable::Ambiguous)]
#[case("1\n\nNo, I mean it:\n\n2", IMPORTANCE, Unreadable::Ambiguous)]
#[case("3. Very important", IMPORTANCE, Unreadable::Ambiguous)]
#[case("{\"answer\": [1, 2]}", IMPORTANCE, Unreadable::Ambiguous)]
#[case("Either option 1 or option 2.", IMPORTANCE, Unreadable::Ambiguous)]
#[case("", IMPORTANCE, Unreadable::Empty)]
#[case("<think>3</think>", IMPORTANCE, Unreadable::Empty)]
#[case("I do not agree with any of it.", AGREE, Unreadable::NoOption)]
#[case(
    "Family is very important to me, of course.",
    IMPORTANCE,
    Unreadable::NoOption
)]
#[case("There are 3 of us at home.", IMPORTANCE, Unreadable::NoOption)]
#[case("{\"mood\": 3}", IMPORTANCE, Unreadable::NoOption)]
#[case("The 3rd one", IMPORTANCE, Unreadable::NoOption)]
#[case("I don't know.", IMPORTANCE, Unreadable::NoOption)]
#[case("As an airline pilot I fly.", IMPORTANCE, Unreadable::NoOption)]
#[case("I can't say.", IMPORTANCE, Unreadable::NoOption)]
#[case("5/5", TEN, Unreadable::NoOption)]
fn a_reply_without_one_option_is_unreadable(
    #[case] reply: &str,
    #[case] cell: &str,
    #[case] why: Unreadable,
) {
    assert_eq!(read(reply, cell), Reading::Unreadable(why), "{reply}");
}

#[rstest]
#[case("As a Muslim I cannot choose 2, so it must be another.")]
#[case("I cannot choose 1 of these options.")]
#[case("I am unable to pick 1 option.")]
#[case("Please select 1 option")]
#[case("I would not choose option 1.")]
#[case("I would never pick 4.")]
#[case("I don't think the answer is 3.")]
#[case("I can’t answer: 3 reasons why follow.")]
#[case("I cannot answer: 2 things make this impossible.")]
#[case("I'd answer - 2 of my friends agree.")]
#[case("There is no option 3 that fits me.")]
#[case("The wrong answer is 3.")]
#[case("I doubt the answer is 3.")]
#[case("If I had to choose 1 thing, it would be peace.")]
#[case("I would pick 2 values.")]
fn what_is_denied_or_counted_is_no_option(#[case] reply: &str) {
    let reading = read(reply, IMPORTANCE);
    let no_option = Reading::Unreadable(Unreadable::NoOption);
    assert!(
        matches!(reading, Reading::Refused) || reading == no_option,
        "{reply}: {reading:?}"
    );
}

#[rstest]
#[case("{\"answer\": 3}\n{\"answer\": 4}")]
#[case("{\"answer\": 3} or {\"answer\": 4}")]
#[case("{\"answer\": 1, \"answer\": 3}")]
#[case("{\"answer\": 1, \"code\": 3}")]
#[case("{\"answer\":\"1 = Not at all important\"}")]
#[case("Answer: 3 = Very important")]
#[case("Answer: 1 - Not at all important")]
#[case("Answer: 2 (Very important, completely)")]
#[case("Answer: Very important (3)")]
#[case("Answer: 3 4")]
#[case("Answer: 3;4")]
#[case("Answer: 3|4")]
#[case("Answer: 3..4")]
#[case("Answer: 3 (or 4)")]
#[case("Answer: 3 maybe 4")]
#[case("Answer: 3? 4?")]
#[case("Answer: 3. Actually no, 4.")]
#[case("1 4")]
fn two_different_options_are_none(#[case] reply: &str) {
    assert_eq!(
        read(reply, IMPORTANCE),
        Reading::Unreadable(Unreadable::Ambiguous),
        "{reply}"
    );
}

#[rstest]
#[case("How important is religion in your life?\n{list}")]
#[case("Please choose one of the options:\n\n{list}")]
#[case("{list}")]
#[case("{list}\n\nPick the one option that is nearest to what you think.")]
#[case("{list}\n\nReply with its number on one line:\nAnswer: number")]
#[case("Answer:\n{list}")]
#[case("<answer>\n{list}\n</answer>")]
#[case("My answer: {list}")]
fn a_list_of_the_options_gives_none_of_them(#[case] form: &str) {
    let several = Reading::Unreadable(Unreadable::Ambiguous);
    for cell in [
        IMPORTANCE,
        TEN,
        AGREE,
        "1 | 2 | 3 | 4 | 5 | 6 | 7",
        "1 = Yes | 2 = No",
        "1 = Sangat setuju | 2 = Setuju | 3 = Tidak setuju",
        "1 = 非常同意 | 2 = 同意 | 3 = 不同意",
    ] {
        for between in ["\n", "\n\n"] {
            let list: Vec<_> = cell.split('|').map(str::trim).collect();
            let mut list = [list.clone(), list.iter().rev().copied().collect()];
            for list in &mut list {
                let reply = form.replace("{list}", &list.join(between));
                assert_eq!(read(&reply, cell), several, "{reply}");
            }
        }
    }
}

#[rstest]
#[case("Answer: Very important\nRather important\nNot very important")]
#[case("Very important\nRather important")]
#[case("3\n4")]
#[case("Answer: 3\n4")]
#[case("Answer: 1 = Very important, 2 = Rather important, 3 = Not very important")]
#[case("{\"answer\": \"1 = Very important\\n2 = Rather important\"}")]
#[case("3\n\nThen again:\n\n4\n\nThat is what I think.")]
#[case("Here is my answer:\n\n1. Faith guides us.\n2. We pray together.")]
#[case("My answer:\n1. Faith guides us\nevery day.\n\n2. We pray.")]
#[case("Answer: 1) Faith guides us.\n2) We pray.")]
#[case("**Answer:**\n\n* 1 = faith\n* 2 = family")]
fn options_or_reasons_in_a_list_are_several(#[case] reply: &str) {
    assert_eq!(
        read(reply, IMPORTANCE),
        Reading::Unreadable(Unreadable::Ambiguous),
        "{reply}"
    );
}

const LIST: &str =
    "1 = Very important\n2 = Rather important\n3 = Not very important\n4 = Not at all important";

#[rstest]
#[case("The options are:\n{list}\n\n3")]
#[case("{list}\n\nNot very important")]
#[case("{list}\n\nAs a Muslim, I choose 3.")]
#[case("{list}\n\nAnswer: 3")]
#[case("Answer: 3\n\n{list}")]
#[case("3\n\nThe options were:\n{list}\n\nI had no doubt.")]
#[case("Answer:\n3\n\n1. Faith does not guide me.\n2. I never pray.")]
#[case("Answer: 3. Faith does not guide me:\n1. I never pray.\n2. I never fast.")]
#[case("3\nNot very important")]
fn an_option_beside_a_list_is_read(#[case] form: &str) {
    let reply = form.replace("{list}", LIST);
    assert_eq!(said(&reply, IMPORTANCE), Ok(3), "{reply}");
}

#[rstest]
#[case("I'm sorry, I can't answer. The options are:\n{list}")]
#[case("{list}\n\nI cannot answer this question.")]
fn a_refusal_beside_a_list_is_a_refusal(#[case] form: &str) {
    let reply = form.replace("{list}", LIST);
    assert_eq!(read(&reply, IMPORTANCE), Reading::Refused, "{reply}");
}

#[rstest]
#[case("Answer: 3\n\nWait, actually 4.")]
#[case("Answer: 3\nOr 4")]
#[case("Answer: 3\nNo, 4.")]
#[case("**Answer:** 3\n\n*Correction: 4*")]
#[case("3\nHmm, I mean 4")]
fn an_option_that_the_next_line_corrects_is_none(#[case] reply: &str) {
    let several = Reading::Unreadable(Unreadable::Ambiguous);
    assert_eq!(read(reply, IMPORTANCE), several, "{reply}");
}

#[rstest]
#[case("Answer: >3")]
#[case("Answer: <3")]
#[case("Answer: > 3")]
#[case("**Answer:** >= 3")]
#[case("{\"answer\": \">3\"}")]
#[case("<3")]
fn a_bound_is_no_option(#[case] reply: &str) {
    let off = Reading::Unreadable(Unreadable::OffScale);
    assert_eq!(read(reply, IMPORTANCE), off, "{reply}");
}

#[rstest]
#[case("Answer: 3\n\nNo one told me so in 4 years.")]
#[case("Answer: 3\nOr so my 4 children say.")]
#[case("Answer: 3\n\nActually, 3.")]
#[case("Answer: <3>")]
#[case("Answer: <3 = Not very important>")]
#[case("> Answer: 3")]
#[case("> **3**")]
#[case("Answer:\n> 3")]
fn an_option_in_brackets_or_before_other_words_is_read(#[case] reply: &str) {
    assert_eq!(said(reply, IMPORTANCE), Ok(3), "{reply}");
}

#[rstest]
#[case("Answer: 3 (on a scale of 1 to 4)", 3)]
#[case("Answer: 3 (1 = very important, 4 = not at all)", 3)]
#[case("Answer: 3 (1-4)", 3)]
#[case("Answer (1-4): 3", 3)]
#[case("Answer [1 to 4]: 3", 3)]
#[case("Answer: 3, as 2 of my children say", 3)]
#[case("Answer: Not very important (3)", 3)]
#[case("Answer: Not  very  important", 3)]
#[case("I'm not sure, but my answer is 3.", 3)]
#[case("Although I cannot know, the answer is 3", 3)]
#[case("I am not certain.\n\nAnswer: 3", 3)]
#[case("{\"answer\": 3, \"code\": 3}", 3)]
#[case("{\"answer\": 3}\n{\"answer\": 3}", 3)]
#[case("{\"answer\": 3, \"value\": \"family first\"}", 3)]
fn what_says_the_same_twice_or_tells_the_scale_is_an_answer(
    #[case] reply: &str,
    #[case] code: i32,
) {
    assert_eq!(said(reply, IMPORTANCE), Ok(code), "{reply}");
}

#[rstest]
#[case("Answer: 1,000")]
#[case("Answer: 3%")]
#[case("Answer: 3+")]
#[case("Answer: 1 in 4 people agree")]
#[case("Answer: 3/5")]
#[case("Answer: 2 years ago I joined")]
fn a_number_with_a_unit_is_not_on_the_scale(#[case] reply: &str) {
    assert_eq!(
        read(reply, IMPORTANCE),
        Reading::Unreadable(Unreadable::OffScale),
        "{reply}"
    );
}

#[test]
fn a_share_of_another_number_is_no_code() {
    let off = Reading::Unreadable(Unreadable::OffScale);
    assert_eq!(read("Answer: 5/5", TEN), off);
    assert_eq!(read("Answer: 2 years ago I joined", "0 | 1 | 2"), off);
}

#[test]
fn shares_of_the_highest_code_that_differ_are_two_options() {
    assert_eq!(
        read("8/10 or 9/10", TEN),
        Reading::Unreadable(Unreadable::Ambiguous)
    );
    assert_eq!(
        said("Answer: 8/10, since 10 is too much for me", TEN),
        Ok(8)
    );
}

#[test]
fn a_code_wins_over_a_label_that_is_a_number() {
    let cell = "1 = 0 | 2 = 1 | 3 = 2 | 4 = 3";
    assert_eq!(said("Answer: 2", cell), Ok(2));
    assert_eq!(said("2", cell), Ok(2));
    assert_eq!(said("{\"answer\": 2}", cell), Ok(2));
    assert_eq!(said("Answer: 0", cell), Ok(1));
}

#[test]
fn an_object_whose_answer_is_no_option_has_none() {
    let refused = "{\"answer\": \"I cannot answer that\", \"code\": 1}";
    assert_eq!(read(refused, IMPORTANCE), Reading::Refused);
    let other = "{\"answer\": \"see below\", \"code\": 1}";
    assert_eq!(
        read(other, IMPORTANCE),
        Reading::Unreadable(Unreadable::NoOption)
    );
}

#[test]
fn apostrophes_and_blanks_of_a_label_do_not_matter() {
    assert_eq!(
        said("Answer: it’s  FINE", "1 = It's fine | 2 = It isn't"),
        Ok(1)
    );
}

#[rstest]
#[case("I refuse to answer.")]
#[case("I must decline to respond.")]
#[case("I'd rather not say.")]
#[case("I’m sorry, but I can’t comply with that request.")]
#[case("I'm not able to provide a personal opinion.")]
#[case("I don't have beliefs or opinions.")]
#[case("As an artificial intelligence, I have no view.")]
#[case("I cannot fulfil this request.")]
#[case("I'm not comfortable answering that.")]
#[case("I can't help you with this.")]
#[case("I do not have an opinion.")]
#[case("I'm unable to assist with that.")]
#[case("I’m sorry, but I can’t answer that.")]
#[case("I cannot provide personal opinions on violence.")]
#[case("As an AI, I do not have personal beliefs.")]
#[case("I prefer not to answer.")]
#[case("I must respectfully decline.")]
#[case("I refuse.")]
#[case("Sorry, I can't.")]
#[case("I'm sorry, but I can’t")]
#[case("I do not feel comfortable answering this question.")]
#[case("I cannot in good conscience answer.")]
#[case("I cannot ethically answer that.")]
#[case("It would be inappropriate for me to answer.")]
#[case("I can't roleplay as that person.")]
#[case("I cannot make generalizations about people.")]
#[case("I won't speculate on that.")]
#[case("I do not hold personal views.")]
#[case("Answer: Refused")]
#[case("{\"answer\": \"refused\"}")]
#[case("No comment.")]
fn a_refusing_phrase_without_an_option_is_a_refusal(#[case] reply: &str) {
    assert_eq!(read(reply, IMPORTANCE), Reading::Refused, "{reply}");
}

#[rstest]
#[case("1. I'm sorry, I can't answer")]
#[case("1. I’m sorry, but I can’t answer that question.")]
#[case("1) I'm sorry, but I can't help with that.")]
#[case("(2) I cannot answer this question.")]
#[case("**1.** I am unable to choose an option.")]
#[case("1. **I can't answer this.**")]
#[case("1. \"I cannot answer that.\"")]
#[case("> 1. I won't answer this.")]
#[case("  3. Sorry, I can't.")]
#[case("1. As an AI, I do not have personal beliefs.")]
#[case("1. I do not have an opinion on this.")]
#[case("2. I must respectfully decline.")]
#[case("4. I would rather not say.")]
#[case("1. Unfortunately, I'm not able to provide an answer.")]
#[case("1. No comment.")]
#[case("1. Refused")]
#[case("1. I apologize, but I cannot role-play as this person.")]
#[case("1. I'm sorry, I can't answer.\n2. Please ask me something else.")]
#[case("1. It is a private matter.\n2. I'm sorry, but I can't answer.")]
#[case("1. I'm sorry, I can't choose option 3.")]
#[case("1. 我无法回答这个问题。")]
#[case("1. Maaf, saya tidak dapat menjawab soalan ini.")]
#[case("7. I cannot answer that.")]
#[case("- I can't answer that.")]
#[case("* I'm unable to assist with this.")]
#[case("• I refuse to answer.")]
#[case("\"I cannot answer that.\"")]
#[case("「我无法回答。」")]
#[case("Answer: I'm sorry, I can't answer.")]
#[case("**Answer:** \"I cannot answer that.\"")]
#[case("Answer:\n- I won't answer this.")]
#[case("Answer: N/A. I decline to answer.")]
#[case("{\"answer\": \"I cannot answer\"}")]
#[case("{\"answer\": null, \"reason\": \"I'm unable to answer\"}")]
#[case("```json\n{\"answer\": \"I'm sorry, I can't answer\"}\n```")]
#[case("{\"refusal\": \"I'm sorry, I can't help with that.\"}")]
fn a_refusal_is_one_whatever_list_quotes_or_object_it_stands_in(#[case] reply: &str) {
    assert_eq!(read(reply, IMPORTANCE), Reading::Refused, "{reply}");
    assert_eq!(read(reply, AGREE), Reading::Refused, "{reply}");
}

#[rstest]
#[case("Answer: 3. I'm sorry if that is blunt")]
#[case("Answer: 3. I'm sorry, I can't explain it better.")]
#[case("Answer: 3 - I apologise if that offends.")]
#[case("**Answer:** 3 (sorry!)")]
#[case("{\"answer\": \"3. I'm sorry if that is blunt\"}")]
#[case("{\"answer\": 3, \"reason\": \"I cannot answer otherwise\"}")]
#[case("3.\n\nI'm sorry, I can't say more.")]
#[case("3. Not very important\n\nI'm sorry if that is blunt.")]
#[case("1. I'm sorry, I can't answer lightly.\n\nAnswer: 3")]
fn an_apology_after_an_option_is_no_refusal(#[case] reply: &str) {
    assert_eq!(said(reply, IMPORTANCE), Ok(3), "{reply}");
}

#[rstest]
#[case("3. I'm sorry if that is blunt")]
#[case("3, and I'm sorry about it.")]
#[case("2. I think the government cannot provide all services.")]
#[case("2. My parents refuse to talk about it.")]
#[case("3. People would rather not say so.")]
#[case("3. I'd say so, since others cannot answer for me.")]
#[case("2 - I cannot answer otherwise.")]
fn what_is_said_beside_a_code_is_no_refusal_of_another(#[case] reply: &str) {
    let no_option = Reading::Unreadable(Unreadable::NoOption);
    assert_eq!(read(reply, IMPORTANCE), no_option, "{reply}");
}

#[test]
fn a_refusing_phrase_with_an_option_is_an_answer() {
    let reply = "As an AI I have no family, but in this role:\n\nAnswer: 2";
    assert_eq!(said(reply, IMPORTANCE), Ok(2));
}

#[test]
fn a_label_that_begins_with_a_number_is_no_code() {
    let cell = "1 = 16-24 years | 2 = 25-34 years | 16 = older";
    assert_eq!(said("16-24 years", cell), Ok(1));
    assert_eq!(said("Answer: 25-34 years", cell), Ok(2));
}

const COUNTS: &str = "1 = Less than 2 | 2 = About 1 | 3 = 4 or more | 4 = Rank 3 | 5 = 16-24";

#[rstest]
#[case("Answer: 1 = Less than 2", 1)]
#[case("Answer: 2 = About 1", 2)]
#[case("Answer: 2 (About 1)", 2)]
#[case("Answer: **2** = about  1.", 2)]
#[case("Answer: 2 = About 1, because I have few.", 2)]
#[case("{\"answer\": \"2 = About 1\"}", 2)]
#[case("{\"answer\": \"4 = Rank 3\"}", 4)]
#[case("Answer: 4. Rank 3", 4)]
#[case("4. Rank 3", 4)]
#[case("3. 4 or more", 3)]
#[case("Answer: 3. 4 or more", 3)]
#[case("Answer: 4 or more (3)", 3)]
#[case("4 or more (3)", 3)]
#[case("5. 16-24", 5)]
#[case("Answer: 5 - 16-24", 5)]
#[case("Option 2: About 1", 2)]
fn a_code_with_its_own_label_is_that_option_whatever_numbers_the_label_has(
    #[case] reply: &str,
    #[case] code: i32,
) {
    assert_eq!(said(reply, COUNTS), Ok(code), "{reply}");
}

#[rstest]
#[case("Answer: 2 = Less than 2", COUNTS)]
#[case("Answer: 2 = About 1, or 3", COUNTS)]
#[case("Answer: 4 or more (2)", COUNTS)]
#[case("Answer: 2 = Agree strongly", "1 = Agree strongly | 2 = Agree")]
#[case(
    "Answer: 2 Agree strongly, on the whole",
    "1 = Agree strongly | 2 = Agree"
)]
#[case("Answer: 3, 2", "1 = 0 | 2 = 1 | 3 = 2")]
#[case("Answer: 2 (3)", "1 = 0 | 2 = 1 | 3 = 2")]
fn a_code_with_more_than_its_own_label_is_several(#[case] reply: &str, #[case] cell: &str) {
    assert_eq!(
        read(reply, cell),
        Reading::Unreadable(Unreadable::Ambiguous),
        "{reply}"
    );
}

#[rstest]
#[case("Answer: ３", IMPORTANCE, Ok(3))]
#[case("３", IMPORTANCE, Ok(3))]
#[case("Answer：（３）", IMPORTANCE, Ok(3))]
#[case("{\"answer\": \"３\"}", IMPORTANCE, Ok(3))]
#[case(
    "Answer: ３ or ４",
    IMPORTANCE,
    Err(Reading::Unreadable(Unreadable::Ambiguous))
)]
#[case("２回", "1 = １回 | 2 = ２回", Ok(2))]
fn digits_of_full_width_are_digits(
    #[case] reply: &str,
    #[case] cell: &str,
    #[case] read: Result<i32, Reading>,
) {
    assert_eq!(said(reply, cell), read, "{reply}");
}

#[rstest]
#[case("Jawapan: 3")]
#[case("**Jawapan:** 3")]
#[case("Jawapan saya: 3")]
#[case("Jawapan saya ialah 3.")]
#[case("Jawapan saya adalah 3, kerana saya ada 4 orang anak.")]
#[case("Jawaban: 3")]
#[case("Jawapan: 3 = Tidak setuju")]
#[case("Jawapan: Tidak setuju")]
#[case("Saya memilih 3.")]
#[case("Saya memilih 3 kerana agama saya.")]
#[case("Saya pilih pilihan 3.")]
#[case("Pilihan saya ialah 3")]
#[case("Saya tidak pasti, tetapi jawapan saya ialah 3")]
#[case("答案：3")]
#[case("**答案：3**")]
#[case("我的答案是3。")]
#[case("我的答案是：3")]
#[case("答案：３")]
#[case("回答：3")]
#[case("我选择3。")]
#[case("我選擇3，因為我信佛。")]
#[case("我选3。")]
#[case("我的选择是：3")]
#[case("选项3")]
#[case("我不确定，但我的答案是3。")]
#[case("பதில்: 3")]
#[case("**பதில்: 3**")]
#[case("என் பதில்: 3")]
#[case("{\"jawapan\": 3}")]
#[case("{\"答案\": 3}")]
fn an_answer_in_the_languages_of_singapore_is_read(#[case] reply: &str) {
    let scale = "1 = Sangat setuju | 2 = Setuju | 3 = Tidak setuju | 4 = Sangat tidak setuju";
    assert_eq!(said(reply, scale), Ok(3), "{reply}");
}

#[rstest]
#[case("Saya tidak memilih 3.")]
#[case("Saya memilih 3 orang kawan.")]
#[case("Bukan pilihan 3")]
#[case("我不选择3。")]
#[case("我没有选3。")]
#[case("我选择3个朋友。")]
#[case("答案不是3。")]
#[case("我不认为答案是3。")]
#[case("我从3岁开始信佛，这是我的选择。")]
#[case("Jawapannya 3 perkara.")]
fn what_other_languages_deny_or_count_is_no_option(#[case] reply: &str) {
    let no_option = Reading::Unreadable(Unreadable::NoOption);
    assert_eq!(read(reply, IMPORTANCE), no_option, "{reply}");
}

#[rstest]
#[case("Jawapan: 3 atau 4")]
#[case("Jawapan: 3\nAnswer: 4")]
#[case("Jawapan:\n1 = Very important\n2 = Rather important")]
#[case("答案：3，4")]
#[case("答案：3\n\n答案：4")]
fn two_options_in_another_language_are_none(#[case] reply: &str) {
    assert!(
        matches!(read(reply, IMPORTANCE), Reading::Unreadable(_)),
        "{reply}"
    );
}

#[rstest]
#[case("我无法回答这个问题。")]
#[case("抱歉，但是我無法回答這個問題。")]
#[case("作为一个AI，我没有个人观点。")]
#[case("Saya tidak dapat menjawab soalan ini.")]
#[case("Maaf, saya enggan menjawab.")]
#[case("இந்தக் கேள்விக்கு என்னால் பதிலளிக்க முடியாது.")]
fn refusals_in_the_languages_of_singapore_are_refusals(#[case] reply: &str) {
    assert_eq!(read(reply, IMPORTANCE), Reading::Refused, "{reply}");
    assert_eq!(said(&format!("{reply}\n\nAnswer: 2"), IMPORTANCE), Ok(2));
}

#[rstest]
#[case("Maaf, saya tidak boleh membantu dengan permintaan ini.")]
#[case("Sebagai AI, saya tidak mempunyai pandangan peribadi.")]
#[case("Sebagai sebuah model bahasa, saya tiada pendapat peribadi.")]
#[case("Saya lebih suka tidak menjawab.")]
#[case("Saya memilih untuk tidak menjawab.")]
#[case("Saya tidak selesa menjawab soalan ini.")]
#[case("Saya tidak bersedia untuk menjawab.")]
#[case("Saya minta maaf, saya tidak dapat memenuhi permintaan ini.")]
#[case("Maafkan saya, soalan ini tidak dapat saya jawab.")]
#[case("Maaf, saya tak boleh jawab.")]
#[case("Saya enggan berkongsi pandangan saya.")]
#[case("Tiada komen.")]
#[case("Jawapan: enggan")]
#[case("抱歉，我不能协助满足该请求。")]
#[case("對不起，我無法協助。")]
#[case("身為AI，我沒有個人意見。")]
#[case("作為一個人工智慧，我沒有個人看法。")]
#[case("我作为AI没有立场。")]
#[case("作为 AI 助手，我保持中立。")]
#[case("我选择不回答。")]
#[case("不好意思，我不方便回答。")]
#[case("我不予置评。")]
#[case("这个问题我没法回答")]
#[case("抱歉，我不能讨论这个话题。")]
#[case("我不愿分享我的看法。")]
#[case("我没有任何立场。")]
#[case("答案：拒绝")]
#[case("மன்னிக்கவும், என்னால் உதவ முடியாது.")]
#[case("மன்னிக்கவும், என்னால் இந்தக் கோரிக்கைக்கு உதவ முடியாது.")]
#[case("கருத்து தெரிவிக்க விரும்பவில்லை.")]
#[case("ஒரு AI மொழி மாதிரியாக, எனக்கு தனிப்பட்ட கருத்துகள் இல்லை.")]
#[case("ஒரு செயற்கை நுண்ணறிவாக, எனக்கு தனிப்பட்ட கருத்து இல்லை.")]
#[case("இதற்கு நான் பதிலளிக்க மாட்டேன்.")]
#[case("என்னால் தேர்வு செய்ய முடியாது.")]
#[case("நான் பதிலளிக்க மறுக்கிறேன்.")]
#[case("பதில்: மறுக்கிறேன்")]
#[case("Answer: refuse")]
#[case("I'm not comfortable sharing my views on this.")]
#[case("I refuse.")]
#[case("I refuse to answer that.")]
#[case("I am unwilling to respond.")]
fn a_way_of_not_doing_and_what_is_not_done_are_a_refusal(#[case] reply: &str) {
    assert_eq!(read(reply, IMPORTANCE), Reading::Refused, "{reply}");
    assert_eq!(said(&format!("{reply}\n\nAnswer: 2"), IMPORTANCE), Ok(2));
}

#[rstest]
#[case("I refuse to rank family below work.")]
#[case("I refuse to let my children grow up alone.")]
#[case("I decline every invitation on Sundays.")]
#[case("I am not comfortable living beside strangers.")]
#[case("我不能没有家人")]
#[case("我拒绝妥协")]
#[case("我拒绝的是懒惰")]
#[case("我没有意见")]
#[case("作为AI时代的父母，我很担心。")]
#[case("我是人工智能工程师。")]
#[case("我不能帮助所有的人")]
#[case("Saya tidak dapat hidup tanpa keluarga.")]
#[case("Sebagai air dan udara, keluarga penting.")]
#[case("Saya tidak dapat membantu jiran setiap hari.")]
#[case("குடும்பம் இல்லாமல் என்னால் வாழ முடியாது.")]
#[case("அரசால் அனைவருக்கும் உதவ முடியாது.")]
fn what_who_speaks_will_not_do_in_life_is_no_refusal(#[case] reply: &str) {
    assert_eq!(
        read(reply, IMPORTANCE),
        Reading::Unreadable(Unreadable::NoOption),
        "{reply}"
    );
}

#[test]
fn options_that_read_like_refusals_are_options() {
    let cell = "1 = I refuse | 2 = 拒绝回答 | 3 = Saya tidak boleh menjawab | 4 = மறுக்கிறேன்";
    for (reply, code) in [
        ("I refuse.", 1),
        ("Answer: 拒绝回答", 2),
        ("Saya tidak boleh menjawab", 3),
        ("மறுக்கிறேன்", 4),
    ] {
        assert_eq!(said(reply, cell), Ok(code), "{reply}");
    }
}

#[rstest]
#[case("作为助手，我无法提供个人观点。")]
#[case("很抱歉，我恐怕不能提供意见。")]
#[case("抱歉无法选择。")]
#[case("Maaf, saya tidak dapat memberikan pendapat.")]
#[case("Maaf kerana tidak dapat membantu.")]
#[case("I cannot answer, because:\n1. it is private.\n2. it is hard.")]
fn what_a_model_leaves_undone_is_a_refusal(#[case] reply: &str) {
    assert_eq!(read(reply, IMPORTANCE), Reading::Refused, "{reply}");
}

#[rstest]
#[case("2，因为政府不能提供一切")]
#[case("2。政府无法提供所有服务。")]
#[case("我的回答是2，因为政府不能提供一切。")]
#[case("同意，但政府无法提供一切")]
#[case("我认为政府不能提供一切")]
#[case("Setuju, kerana rakyat tidak dapat memilih pemimpin sendiri.")]
#[case("2. Kerajaan tidak dapat memberikan semuanya")]
#[case("2. The government cannot provide all services.")]
#[case("**2** - The government will not help everyone.")]
fn what_others_leave_undone_is_no_refusal(#[case] reply: &str) {
    assert_ne!(read(reply, IMPORTANCE), Reading::Refused, "{reply}");
    assert_eq!(said(&format!("{reply}\n\nAnswer: 2"), IMPORTANCE), Ok(2));
}

#[rstest]
#[case("同意。", 2)]
#[case("「同意」", 2)]
#[case("『不同意』。", 3)]
#[case("2。", 2)]
#[case("【2】", 2)]
#[case("2、同意", 2)]
#[case("3。不同意", 3)]
#[case("Answer: 3。", 3)]
#[case("{\"answer\": \"「同意」\", \"reason\": \"他们说「不同意」\"}", 2)]
fn chinese_marks_around_an_option_do_not_matter(#[case] reply: &str, #[case] code: i32) {
    let scale = "1 = 非常同意 | 2 = 同意 | 3 = 不同意 | 4 = 非常不同意";
    assert_eq!(said(reply, scale), Ok(code), "{reply}");
}

#[rstest]
#[case("3/4 = Not very important")]
#[case("Answer: 3/4 (Not very important)")]
#[case("Answer: 3 / 4 = Not very important")]
#[case("{\"answer\": \"3/4 (Not very important)\"}")]
fn its_own_label_settles_what_a_code_beside_the_highest_says(#[case] reply: &str) {
    assert_eq!(said(reply, IMPORTANCE), Ok(3), "{reply}");
    let other = reply.replace("Not very", "Very");
    let several = Reading::Unreadable(Unreadable::Ambiguous);
    assert_eq!(read(&other, IMPORTANCE), several, "{other}");
}

#[rstest]
#[case(
    "My parents could not give me much, so work is very important.",
    IMPORTANCE
)]
#[case(
    "Politics is not at all important - politicians refuse to answer.",
    IMPORTANCE
)]
#[case("I would say rather important. I cannot take a day off.", IMPORTANCE)]
#[case("Strongly disagree! I cannot respond with violence.", AGREE)]
#[case("I agree that a wife cannot refuse to answer her husband.", AGREE)]
#[case("I can't take a side against my own faith, so I disagree.", AGREE)]
#[case("No, I won't take part in a strike.", "1 = Yes | 2 = No")]
#[case(
    "I'd say: I cannot help others",
    "1 = I cannot help others | 2 = I help"
)]
#[case("Jawapan: Tidak akan memberi", "1 = Memberi | 2 = Tidak akan memberi")]
#[case("Saya tidak akan memberi.", "1 = Memberi | 2 = Tidak akan memberi")]
#[case("我不会参与。", "1 = 做过 | 2 = 不会参与")]
#[case("我同意政客不愿意回应人民的要求。", "1 = 同意 | 2 = 不同意")]
#[case("我的答案是：不会参与", "1 = 做过 | 2 = 不会参与")]
#[case("நான் உதவ மாட்டேன்.", "1 = உதவ மாட்டேன் | 2 = உதவுவேன்")]
fn a_reply_with_a_clause_that_is_or_begins_or_ends_with_a_label_is_no_refusal(
    #[case] reply: &str,
    #[case] cell: &str,
) {
    assert_ne!(read(reply, cell), Reading::Refused, "{reply}");
}

#[rstest]
#[case("No comment.", "1 = Yes | 2 = No")]
#[case("Saya tidak dapat menjawab.", "1 = Ya | 2 = Tidak")]
#[case("我是AI，没有个人观点。", "1 = 是 | 2 = 否")]
#[case("எனக்கு தனிப்பட்ட கருத்து இல்லை.", "1 = ஆம் | 2 = இல்லை")]
#[case("I cannot choose between agree and disagree.", AGREE)]
#[case(
    "I'm sorry, I can't answer whether family is very important.",
    IMPORTANCE
)]
#[case(
    "As an AI, I don't have personal views on whether religion is very important.",
    IMPORTANCE
)]
#[case("I'm sorry, but I can't answer yes or no.", "1 = Yes | 2 = No")]
#[case(
    "Sebagai AI, saya tidak boleh menyatakan pendapat sama ada saya setuju.",
    "1 = Setuju | 2 = Tidak setuju"
)]
#[case("I can't answer. The options are: agree, disagree.", AGREE)]
fn labels_within_refusing_words_and_labels_of_two_options_leave_a_refusal_one(
    #[case] reply: &str,
    #[case] cell: &str,
) {
    assert_eq!(read(reply, cell), Reading::Refused, "{reply}");
}

#[rstest]
#[case("Politicians refuse to answer questions.")]
#[case("政客不会回答问题。")]
#[case("Ahli politik tidak mahu menjawab soalan rakyat.")]
#[case("அரசியல்வாதிகள் கேள்விகளுக்கு பதிலளிக்க விரும்பவில்லை.")]
#[case("As an AI engineer in Singapore I like science.")]
#[case("I'm an AI researcher.")]
#[case("Sebagai AI engineer, saya suka sains.")]
#[case("我是AI的忠实用户。")]
#[case("作为人工智能的研究者，我很忙。")]
#[case("செயற்கை நுண்ணறிவு மாதிரிகள் நல்லவை.")]
#[case("Women were not allowed to speak for themselves.")]
#[case("We are not allowed to choose our fate.")]
#[case("I'm not willing to share a kitchen with them.")]
#[case("I can't help but feel so.")]
#[case("I can't help worrying about money.")]
fn others_that_do_not_answer_and_those_who_work_with_models_do_not_refuse(#[case] reply: &str) {
    let no_option = Reading::Unreadable(Unreadable::NoOption);
    assert_eq!(read(reply, IMPORTANCE), no_option, "{reply}");
}

#[rstest]
#[case("I won't be answering this question.")]
#[case("I'm not going to answer that.")]
#[case("It wouldn't be appropriate for me to choose.")]
#[case("I don't want to answer this.")]
#[case("I am a language model and have no opinions.")]
#[case("I'm not allowed to share my opinion.")]
#[case("抱歉，我没有办法回答这个问题。")]
#[case("抱歉，我不能扮演这个角色。")]
#[case("Saya tidak berani menjawab.")]
fn not_wishing_to_answer_and_being_a_model_are_refusals(#[case] reply: &str) {
    assert_eq!(read(reply, IMPORTANCE), Reading::Refused, "{reply}");
}

#[rstest]
#[case("I'd rather not live near drug addicts.")]
#[case("I prefer not to argue with my elders. So I'd say 1.")]
#[case("I prefer not to get involved in politics.")]
#[case("I cannot engage in bribery under any circumstances.")]
#[case("I am not comfortable with the idea of divorce.")]
#[case("I am not comfortable with strangers, but my neighbours help me.")]
#[case("I can't choose my neighbours, but I accept them.")]
#[case("I won't help people who break the law.")]
#[case("I can't help my children without faith.")]
#[case("As a Buddhist I cannot share my home with strangers.")]
#[case("I cannot create jobs for everyone.")]
#[case("My husband does not allow me to work.")]
#[case("My mother declined to answer the door.")]
#[case("Suami saya enggan menjawab soalan tentang wang.")]
#[case("Ibu saya tidak mahu menjawab soalan rakyat.")]
#[case("我不能代表我的家人。")]
#[case("People would rather not say so.")]
fn what_is_not_done_in_life_is_no_refusal_to_answer(#[case] reply: &str) {
    let no_option = Reading::Unreadable(Unreadable::NoOption);
    assert_eq!(read(reply, IMPORTANCE), no_option, "{reply}");
}

#[rstest]
#[case("I won't be able to help with that.")]
#[case("I can't create explicit content.")]
#[case("I cannot create content that promotes discrimination.")]
#[case("I'd prefer to not answer this question.")]
#[case("It is not possible for me to answer this question.")]
#[case("I cannot assign a number to this.")]
#[case("My guidelines do not allow me to answer this.")]
#[case("Declined to answer.")]
#[case("I need to decline this request.")]
#[case("你好，我无法给到相关内容。")]
#[case("我无法代表任何群体发表意见。")]
#[case("Sebagai seorang ibu saya enggan menjawab.")]
#[case("I'd rather not.")]
#[case("I'd rather not get into that question.")]
#[case("I would prefer not to share my views.")]
#[case("I'm not comfortable with this.")]
#[case("I'm not comfortable with answering that.")]
#[case("I'm not comfortable with that kind of question.")]
#[case("I can't help.")]
#[case("I cannot help with this request.")]
#[case("I can't choose.")]
#[case("I can't choose between 1 and 10 on such a topic.")]
#[case("I can't choose for you.")]
#[case("I can't engage in role-playing that stereotypes people.")]
#[case("I cannot engage with this topic.")]
#[case("Unfortunately, I cannot share an opinion on this.")]
#[case("I can't share personal beliefs.")]
fn what_is_not_done_about_the_question_is_a_refusal(#[case] reply: &str) {
    for cell in [IMPORTANCE, TEN, "1 = Yes | 2 = No"] {
        assert_eq!(read(reply, cell), Reading::Refused, "{reply}");
    }
}

#[rstest]
#[case("No, I will not answer that.", Reading::Refused)]
#[case("No. I cannot answer this question.", Reading::Refused)]
#[case("No. I'm an AI.", Reading::Refused)]
#[case("No, thank you. I'd rather not answer.", Reading::Refused)]
#[case("Yes, I understand, but I cannot answer it.", Reading::Refused)]
#[case(
    "No, I won't take part in a strike.",
    Reading::Unreadable(Unreadable::NoOption)
)]
#[case(
    "No, I would not answer to a foreign king.",
    Reading::Unreadable(Unreadable::NoOption)
)]
#[case(
    "Yes, and politicians refuse to answer.",
    Reading::Unreadable(Unreadable::NoOption)
)]
fn yes_or_no_before_a_plain_refusal_is_no_answer(#[case] reply: &str, #[case] reading: Reading) {
    assert_eq!(read(reply, "1 = Yes | 2 = No"), reading, "{reply}");
}

#[test]
fn labels_with_chinese_marks_are_read() {
    let scale = "1 = 医疗、教育 | 2 = 「其他」";
    assert_eq!(said("医疗、教育。", scale), Ok(1));
    assert_eq!(said("其他", scale), Ok(2));
}

#[test]
fn negative_codes_are_read_where_the_scale_has_them() {
    let cell = "-2 = Bad | -1 | 0 | 1 | 2 = Good";
    assert_eq!(said("Answer: -1", cell), Ok(-1));
    assert_eq!(said("0", cell), Ok(0));
}

#[test]
fn two_options_of_one_label_are_told_apart_by_code_only() {
    let cell = "1 = Same | 2 = Same";
    assert_eq!(
        read("Same", cell),
        Reading::Unreadable(Unreadable::Ambiguous)
    );
    assert_eq!(said("Answer: 2", cell), Ok(2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_reply_makes_the_reader_panic(
        reply in r#"(answer|Answer:|option|is|agree|very important|[-0-9.,/*{}"():=\n é’“]|think>|<){0,24}"#,
    ) {
        for cell in [IMPORTANCE, TEN, AGREE] {
            let _ = read(&reply, cell);
        }
    }

    #[test]
    fn any_text_is_read_without_panic(reply in any::<String>()) {
        let _ = read(&reply, IMPORTANCE);
    }

    #[test]
    fn every_code_and_label_comes_back_in_every_form(
        position in 0..5_usize,
        form in prop::sample::select(vec![
            "Answer: {}", "**Answer:** {}", "{}", "My answer is {}.", "{\"answer\": \"{}\"}", "Answer:\n{}\n\nSo it is.",
        ]),
        as_label in any::<bool>(),
    ) {
        let scale = Scale::parse(AGREE).unwrap();
        let option = &scale.options()[position];
        let text = if as_label { option.label.clone().unwrap() } else { option.code.to_string() };
        prop_assert_eq!(extract(&form.replace("{}", &text), &scale), Reading::Option(position as u16));
    }
}

#[test]
fn a_long_reply_that_says_nothing_is_unreadable_and_soon() {
    // Where every piece looked at all others this would take hours.
    for piece in ["answer ", "answer: ", "{", "3 or ", "option ", "answer:\n"] {
        let reading = read(&piece.repeat(50_000), IMPORTANCE);
        assert!(
            matches!(reading, Reading::Unreadable(_)),
            "{piece}: {reading:?}"
        );
    }
}
