//! Honest replies with words in them that deny, turn or tell of others elsewhere.

use rstest::rstest;

use super::*;

const SUPPORT: &str =
    "-2 = Strongly oppose | -1 = Oppose | 0 = Neutral | 1 = Support | 2 = Strongly support";
const FROM_ZERO: &str = "0 = Disagree | 1 = Hard to say | 2 = Agree";

#[rstest]
#[case("Option {a} aligns most closely with my beliefs.")]
#[case("Option {a} resonates with me the most.")]
#[case("Option {a} would be my choice.")]
#[case("Option {a} makes the most sense to me.")]
#[case("Option {a} seems right to me.")]
#[case("Option {a} feels right.")]
#[case("Option {a} is most accurate for me.")]
#[case("Option {a} is how I feel.")]
#[case("Option {a} is the closest because politics is too dirty.")]
#[case("Option {a} fits people like me.")]
#[case("Option {a} is true for me too.")]
#[case("I agree with option {a} most.")]
#[case("I identify with option {a} strongly.")]
#[case("That makes option {a} my answer.")]
#[case("Option {a} is my answer since I don't trust strangers.")]
#[case("Answer: {a} is my answer because I am not rich.")]
#[case("Answer: {a}\nNot really important in my daily life.")]
#[case("Answer: {a}, not really a surprise.")]
#[case("Answer: {a}. Never mind what others think.")]
#[case("Answer: {a}\nNot really important to me.\n\nA younger person would choose 2.")]
#[case("Answer: {a}\nConfidence: 0.9")]
#[case("Answer: {a}\nProbability: 0.3")]
#[case("Answer: {a}\nSection 3.2")]
#[case("Answer: {a}\nMy sons are aged 7, 10.")]
#[case("Answer: {a}\nHousehold size, 2.")]
#[case("Answer: {a}\nIn 5 years, 2.")]
#[case("Answer: {a}\nI would not say 1.")]
#[case("Answer: {a}\nI'd not go for 2.")]
#[case("Answer: {a}\nAnd 2? Too strong.")]
#[case("Answer: {a}, because I have four children, 2 at home.")]
#[case("Answer -> {a}")]
#[case("This woman would choose {a}.")]
#[case("A Malay Muslim woman would choose {a}.")]
#[case("They would choose {a}.")]
#[case("Her answer would be {a}.")]
#[case("Their answer: {a}")]
#[case("如果让我选择：{a}")]
#[case("如果必须选择的话我选{a}。")]
#[case("Jika perlu memilih saya pilih {a}.")]
#[case("本人选{a}。")]
#[case("我个人选{a}。")]
#[case("我是马来人选{a}。")]
#[case("Saya dan suami memilih {a}.")]
fn words_of_an_honest_reply_take_nothing_back(#[case] form: &str) {
    for cell in [IMPORTANCE, TEN, AGREE, FROM_ZERO, SUPPORT] {
        let scale = Scale::parse(cell).unwrap();
        for (option, position) in scale.options().iter().zip(0..) {
            let reply = form.replace("{a}", &option.code.to_string());
            assert_eq!(
                extract(&reply, &scale),
                Reading::Option(position),
                "{reply}"
            );
        }
    }
}

#[rstest]
#[case("Answer: 1\nI agree.", AGREE, 1)]
#[case("Answer: 1. I agree.", AGREE, 1)]
#[case("Answer: Agree\nI would not say \"Disagree\".", AGREE, 2)]
#[case("Answer: 1 (on the -2..2 scale)", SUPPORT, 1)]
#[case("Answer: 1, on the scale from -2 (lowest) to 2 (highest)", SUPPORT, 1)]
#[case("Answer: -1 (range -2/2)", SUPPORT, -1)]
#[case(
    r#"{"answer": "Choice A"}"#,
    "1 = Choice A | 2 = Choice B | 3 = Option C",
    1
)]
#[case(
    r#"{"answer": "Option C"}"#,
    "1 = Choice A | 2 = Choice B | 3 = Option C",
    3
)]
#[case(
    "Option 2 fits the young, but option 1 aligns with my faith.",
    IMPORTANCE,
    1
)]
fn labels_and_numbers_beside_an_answer_are_no_others(
    #[case] reply: &str,
    #[case] cell: &str,
    #[case] code: i32,
) {
    assert_eq!(said(reply, cell), Ok(code), "{reply}");
}

#[rstest]
#[case("Answer: 1? No. A rich person would choose 2.")]
#[case("This woman would choose 1. A younger person would choose 2.")]
#[case("Answer: 1\nActually, I agree.")]
#[case("Answer: 1\nI disagree.")]
fn what_is_said_beside_an_answer_may_still_contradict_it(#[case] reply: &str) {
    let several = Reading::Unreadable(Unreadable::Ambiguous);
    assert_eq!(read(reply, AGREE), several, "{reply}");
}

#[rstest]
#[case("Option 2 is what others choose.")]
#[case("Option 2 best suits the rich.")]
#[case("Option 2 means that it matters.")]
#[case("My mother differs from me. Her answer would be 2.")]
#[case("A younger woman would choose 2.")]
fn an_option_of_which_a_clause_tells_is_not_chosen(#[case] reply: &str) {
    let no_option = Reading::Unreadable(Unreadable::NoOption);
    assert_eq!(read(reply, IMPORTANCE), no_option, "{reply}");
}

#[rstest]
#[case("Sure! Answer: 3\n\nI", true)]
#[case("Sure! Here is my answer: 3\n\nAs a", true)]
#[case("1. Answer: 3\n2. Reason: I", true)]
#[case("As a Malay woman, my answer is 3. I", true)]
#[case("I choose 3.\n\nAs a Malay", true)]
#[case("Option 3. As a Malay", true)]
#[case("最终答案：3。因为", true)]
#[case("Jadi jawapan saya ialah 3. Saya", true)]
#[case("As a Malay woman, my answer is 3", false)]
#[case("I choose 3 because", false)]
#[case("I choose 3", false)]
fn an_option_is_settled_where_its_sentence_ends(#[case] reply: &str, #[case] settled: bool) {
    let scale = Scale::parse(IMPORTANCE).unwrap();
    assert_eq!(is_settled(reply, &scale), settled, "{reply}");
}

#[rstest]
#[case("I am a machine operator in Tuas, and faith matters a great deal.")]
#[case("I have no opinion of politicians, they come and go.")]
#[case("I have no views against my neighbours.")]
#[case("I won't take sides between my sons.")]
#[case("I won't make that choice for my daughter.")]
#[case("I opt out of politics entirely.")]
#[case("I skip this one meal during Ramadan.")]
#[case("I'd keep that to myself at work.")]
#[case("Civil servants are prohibited from answering reporters.")]
fn what_one_leaves_undone_in_life_refuses_nothing(#[case] reply: &str) {
    let no_option = Reading::Unreadable(Unreadable::NoOption);
    assert_eq!(read(reply, IMPORTANCE), no_option, "{reply}");
}
