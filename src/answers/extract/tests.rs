use proptest::prelude::*;
use rstest::rstest;

use super::*;

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
fn a_reply_without_one_option_is_unreadable(
    #[case] reply: &str,
    #[case] cell: &str,
    #[case] why: Unreadable,
) {
    assert_eq!(read(reply, cell), Reading::Unreadable(why), "{reply}");
}

#[rstest]
#[case("I’m sorry, but I can’t answer that.")]
#[case("I cannot provide personal opinions on violence.")]
#[case("As an AI, I do not have personal beliefs.")]
#[case("I prefer not to answer.")]
fn a_refusing_phrase_without_an_option_is_a_refusal(#[case] reply: &str) {
    assert_eq!(read(reply, IMPORTANCE), Reading::Refused, "{reply}");
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
fn a_long_reply_is_read_in_linear_time() {
    for piece in ["answer ", "answer: ", "{", "3 or ", "option ", "answer:\n"] {
        let reply = piece.repeat(200_000);
        let _ = read(&reply, IMPORTANCE);
    }
}
