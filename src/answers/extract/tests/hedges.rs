//! Replies that name two options, take one back, or name one that who speaks does not choose;
//! and the same marks and words in replies that do answer.

use rstest::rstest;

use super::*;

const SUPPORT: &str =
    "-2 = Strongly oppose | -1 = Oppose | 0 = Neutral | 1 = Support | 2 = Strongly support";
const YES_NO: &str = "1 = Yes | 2 = No";
const FROM_ZERO: &str = "0 = Disagree | 1 = Hard to say | 2 = Agree";

const SCALES: [&str; 6] = [IMPORTANCE, TEN, AGREE, YES_NO, FROM_ZERO, SUPPORT];

/// The replies that a form makes of every two options of a scale, in both orders.
fn of_pairs<'s>(form: &'s str, scale: &'s Scale) -> impl Iterator<Item = (String, u16)> + 's {
    let with = |one: usize, other: usize| {
        let [a, b] = [one, other].map(|position| &scale.options()[position]);
        let names_labels = form.contains("{label");
        if one == other || names_labels && (a.label.is_none() || b.label.is_none()) {
            return None;
        }
        let label = |option: &crate::study::ScaleOption| option.label.clone().unwrap_or_default();
        let reply = form
            .replace("{a}", &a.code.to_string())
            .replace("{b}", &b.code.to_string())
            .replace("{label a}", &label(a))
            .replace("{label b}", &label(b));
        Some((reply, one as u16))
    };
    let all = 0..scale.len();
    all.clone()
        .flat_map(move |one| all.clone().filter_map(move |other| with(one, other)))
}

#[rstest]
#[case("Answer: {a} or {b}")]
#[case("Answer: {a}, maybe {b}")]
#[case("Answer: {a} ~ {b}")]
#[case("Answer: {a} -> {b}")]
#[case("Answer: {a} vs {b}")]
#[case("Answer: {a} and {b}")]
#[case("Answer: {a} (or {b})")]
#[case("Answer: {a} (leaning {b})")]
#[case("Answer: {a}. No, {b}.")]
#[case("Answer: {a}. Or {b}.")]
#[case("Answer: {a}? {b}?")]
#[case("Answer: {a}, or rather {b}")]
#[case("Answer: {a}, but {b} is also possible.")]
#[case("My answer is {a} or {b}.")]
#[case("{\"answer\": \"{a} or {b}\"}")]
#[case("<answer>{a} or {b}</answer>")]
#[case("\\boxed{{a}, {b}}")]
#[case("I choose {a} or {b}.")]
#[case("I am torn between option {a} and option {b}.")]
#[case("I considered option {a} and option {b}.")]
#[case("I reject option {a} and option {b}.")]
#[case("Anything except option {a} or option {b}.")]
#[case("I choose {a}. Or maybe {b}.")]
#[case("{a} - {b}")]
#[case("{a}, {b}")]
#[case("{a}\n{b}")]
#[case("Answer: {a}\nActually, {b}.")]
#[case("Answer: {a}\nActually, let me change my answer to {b}.")]
#[case("Answer: {a}\nOn second thought, {b}.")]
#[case("Answer: {a}\nLet me reconsider: {b}")]
#[case("Answer: {a}\nScratch that, {b}.")]
#[case("Answer: {a}\nWait... {b}")]
#[case("Answer: {a}\nOops, {b}.")]
#[case("Answer: {a}\nNope, {b}.")]
#[case("Answer: {a}\nMaybe {b}.")]
#[case("Answer: {a}\nSorry, I meant {b}.")]
#[case("Answer: {a}\nMy mistake, {b}.")]
#[case("Answer: {a}\nEdit: {b}")]
#[case("Answer: {a}\nI change my mind: {b}")]
#[case("Answer: {a}\nOn reflection, {b}.")]
#[case("Answer: {a}\nStrike that. {b}.")]
#[case("Answer: {a}\nHold on, {label b}.")]
#[case("Answer: {a} on good days, {b} on bad days")]
#[case("Answer: {a}\n\n**Final: {b}**")]
#[case("Answer: {a}\nBut {b} is also possible.")]
#[case("Jawapan: {a}\nSebenarnya, {b}")]
#[case("Jawapan: {a}\nMaaf, {b}")]
#[case("答案：{a}\n不，{b}")]
#[case("答案：{a}\n等等，应该是{b}")]
#[case("பதில்: {a}\nஇல்லை, {b}")]
#[case("Answer: {label a}, or maybe {label b}")]
#[case("Answer: {label a} (or {label b})")]
#[case("Answer: {label a}. No, {label b}.")]
#[case("Answer: {label a}. Actually, {label b}.")]
#[case("Answer: {label a}, but also {label b}.")]
#[case("Answer: {label a}, sometimes {label b}")]
#[case("Answer: {label a}; sometimes {label b}, I think")]
#[case("Answer: {label a}, {label b}, it depends")]
#[case("Answer: {label a}\nWait, I mean {label b}.")]
#[case("Answer: {label a}\nOn second thought, {label b}.")]
#[case("Answer: {a} which means {label b}")]
#[case("Answer: {a} = {label a} and {b} = {label b}")]
#[case("Answer: {a} = {label b}")]
#[case("Answer: {label a} ({b})")]
#[case("{label a} ({b})")]
#[case("{label a}, perhaps {label b} too")]
fn two_options_are_none_in_whatever_words_and_scale(#[case] form: &str) {
    for cell in SCALES {
        let scale = Scale::parse(cell).unwrap();
        for (reply, _) in of_pairs(form, &scale) {
            let reading = extract(&reply, &scale);
            assert!(
                matches!(reading, Reading::Unreadable(_)),
                "{reply}: {reading:?}"
            );
        }
    }
}

#[rstest]
#[case("Answer {a}")]
#[case("Answer\n{a}")]
#[case("**Answer**\n\n{a}")]
#[case("## Answer\n{a}")]
#[case("Jawapan\n{a}")]
#[case("答案\n{a}")]
#[case("**Response:**\n{a}")]
#[case("Answer - {a}")]
#[case("Answer: {a}")]
#[case("I choose {a}.")]
#[case("Option: {a}")]
#[case("{\"answer\": {a}}")]
#[case("<answer>{a}</answer>")]
#[case("{label a} ({a})")]
#[case("Answer: {label a} ({a})")]
#[case("Answer: {a} ({label a})")]
#[case("{a} - {label a}")]
#[case("Answer: {a} on the scale")]
#[case("Answer: {a}, since my family thinks so too.")]
#[case("Answer: {a}. I think it is what people like me would say.")]
#[case("Answer: {a}. It is the one that fits, and I mean it.")]
#[case("Answer: {a} because {b} is too strong")]
#[case("Answer: {a}\nBut {b} is too strong for me.")]
#[case("Answer: {a}\nI have no doubt.")]
#[case("Answer: {a}\n\n({a} = {label a}, {b} = {label b})")]
#[case("Answer: {a}\nI have thought about it, and I am sure.")]
#[case("Answer: {a}\nSorry, I cannot say more.")]
#[case("Answer: {a}\n\nActually, my faith guides me here.")]
#[case("Answer: {a}\nWait, let me explain.")]
#[case("Answer: {a}\nOr so my 30 years of work tell me.")]
#[case("Answer: {a}\nActually, {a}.")]
#[case("Answer: {a} ({label a}), and I mean it")]
#[case("Answer: {label a}, definitely.")]
#[case("Answer: {label a}. I mean it.")]
#[case("Answer: {label a}, though others see it in their own way")]
#[case("Answer: {label a}\nThat is what I think.")]
#[case("Option {b} is not for me, so my answer is {a}.")]
#[case("I considered option {b}, but my answer is {a}.")]
#[case("For many people the answer is {b}.\n\nI choose {a}.")]
#[case("My husband would choose {b}. I choose {a}.")]
#[case("If the answer were {b} I would be lost.\n\nAnswer: {a}")]
#[case("I choose option {a}: {label a}.")]
#[case("I'd go with option {a} without any doubt.")]
#[case("Option {a} fits me best.")]
#[case("Option {a} is my answer.")]
fn an_answer_is_read_in_whatever_words_and_scale(#[case] form: &str) {
    for cell in SCALES {
        let scale = Scale::parse(cell).unwrap();
        for (reply, option) in of_pairs(form, &scale) {
            assert_eq!(extract(&reply, &scale), Reading::Option(option), "{reply}");
        }
    }
}

#[rstest]
#[case("Answer: +2", SUPPORT, 2)]
#[case("Answer: \u{2212}2", SUPPORT, -2)]
#[case("I choose \u{2212}1.", SUPPORT, -1)]
#[case("Strongly oppose (\u{2212}2)", SUPPORT, -2)]
#[case("Answer: -1 (on a scale from -2 to +2)", SUPPORT, -1)]
#[case("Answer: -1 (-2 = strongly against, 2 = strongly for)", SUPPORT, -1)]
#[case("Answer: Option 3", IMPORTANCE, 3)]
#[case("Jawapannya ialah 2.", IMPORTANCE, 2)]
#[case("Jawapannya: 2", IMPORTANCE, 2)]
#[case("Jawapan akhir: 2", IMPORTANCE, 2)]
#[case("Pilihan saya: 2", IMPORTANCE, 2)]
#[case("என் பதில் 2.", IMPORTANCE, 2)]
#[case("My answer 2", IMPORTANCE, 2)]
#[case("She would choose 2.", IMPORTANCE, 2)]
#[case("This person would choose 2.", IMPORTANCE, 2)]
#[case("Answer: Disagree, though I don't agree with her either", AGREE, 4)]
#[case("Answer: Agree, though some disagree", AGREE, 2)]
fn signs_and_words_around_an_answer_are_no_others(
    #[case] reply: &str,
    #[case] cell: &str,
    #[case] code: i32,
) {
    assert_eq!(said(reply, cell), Ok(code), "{reply}");
}

#[rstest]
#[case("Answer: 4 or more")]
#[case("Answer: 3 or higher")]
#[case("Answer: 2 or less")]
#[case("Answer: 2 and above.")]
#[case("Answer: 2 and a half")]
#[case("Answer: 1 1/2")]
#[case("Answer: 2^2")]
#[case("Answer: > -2")]
fn bounds_and_fractions_in_words_are_no_option(#[case] reply: &str) {
    for cell in [IMPORTANCE, SUPPORT, TEN] {
        let reading = read(reply, cell);
        assert!(
            matches!(reading, Reading::Unreadable(_)),
            "{reply}: {reading:?}"
        );
    }
    assert_eq!(
        said("Answer: 3, and above all my family", IMPORTANCE),
        Ok(3)
    );
}

#[rstest]
#[case("Option 1 is not for me.")]
#[case("Option 4 is too extreme.")]
#[case("Option 2 seems wrong to me.")]
#[case("Option 1? Never.")]
#[case("Should I choose 2?")]
#[case("I reject option 1.")]
#[case("I rule out option 4.")]
#[case("I disagree with option 1.")]
#[case("Anything except option 3.")]
#[case("Everything but option 3.")]
#[case("Instead of option 3 I'd stay silent.")]
#[case("I considered option 3.")]
#[case("I was going to choose 1.")]
#[case("My answer to option 1 is no.")]
#[case("Most people choose 1.")]
#[case("My husband would choose 1.")]
#[case("They choose 3.")]
#[case("My father prays. His answer is 1.")]
#[case("My mother's answer would be 1.")]
#[case("For many people the answer is 1.")]
#[case("Some would say the answer is 1.")]
#[case("If the answer is 1, I am lost.")]
#[case("Whether the answer is 1 depends on God.")]
#[case("Answer: 1? No.")]
#[case("Answer: 1 is not true for me.")]
#[case("Answer: 1 would be wrong.")]
#[case("Answer: 1 (no, wait)")]
#[case("Answer: 1, not really.")]
#[case("Answer: 1\nNo, that's wrong.")]
#[case("Answer: 1\n\nI take that back.")]
#[case("Answer: 1\n\nJust kidding.")]
#[case("Ramai orang memilih 2.")]
#[case("Suami saya memilih 2.")]
#[case("Jika saya memilih 2, saya menyesal.")]
#[case("很多人选2。")]
#[case("我丈夫选2。")]
#[case("如果选2，我会后悔。")]
fn an_option_that_is_rejected_supposed_or_of_others_is_not_chosen(#[case] reply: &str) {
    let no_option = Reading::Unreadable(Unreadable::NoOption);
    assert_eq!(read(reply, IMPORTANCE), no_option, "{reply}");
    assert_eq!(
        said(&format!("{reply}\n\nAnswer: 3"), IMPORTANCE),
        Ok(3),
        "{reply}"
    );
}

#[rstest]
#[case("My first answer would be 1.\n\nBut as a Muslim woman I pick 3.")]
#[case("The answer is 1 for the young.\n\n3")]
fn what_a_sentence_says_of_the_answer_may_not_contradict_a_choice(#[case] reply: &str) {
    let several = Reading::Unreadable(Unreadable::Ambiguous);
    assert_eq!(read(reply, IMPORTANCE), several, "{reply}");
}
