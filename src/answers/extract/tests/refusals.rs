//! Refusals in plain English, and what is not done in life.

use rstest::rstest;

use super::*;

#[rstest]
#[case("As a large language model, I don't have values.")]
#[case("I am ChatGPT, a large language model trained by OpenAI, and I have no opinion.")]
#[case("I'm a computer program, so I don't hold values.")]
#[case("I am a machine and have no religion.")]
#[case("I have no views, being an AI.")]
#[case("I'm only an AI and can't say.")]
#[case("I have no personal opinion on this.")]
#[case("I hold no personal views on such matters.")]
#[case("I cannot complete this request.")]
#[case("I cannot proceed with this request.")]
#[case("I can’t play that role.")]
#[case("I cannot rate this.")]
#[case("I can't rank these.")]
#[case("I can't judge that.")]
#[case("I cannot make that judgment.")]
#[case("I cannot take sides on this issue.")]
#[case("I don't take positions on political matters.")]
#[case("I'm sorry, but I don't think I can answer that.")]
#[case("I don't believe I can answer this.")]
#[case("I'm sorry, but that's not something I can answer.")]
#[case("That is not a question I can answer.")]
#[case("This is not something I'm able to answer.")]
#[case("I don't answer questions like this.")]
#[case("It isn't appropriate for me to answer this.")]
#[case("I think it's best not to answer this.")]
#[case("My programming does not allow me to express opinions.")]
#[case("My guidelines prevent me from answering.")]
#[case("I am prohibited from answering that.")]
#[case("This request violates my guidelines.")]
#[case("This content may violate our usage policies.")]
#[case("I must refuse.")]
#[case("I'm choosing not to answer.")]
#[case("I opt out of answering.")]
#[case("I'd like to opt out.")]
#[case("I'd like to skip this question.")]
#[case("I'm going to have to pass on this one.")]
#[case("I'd rather keep that to myself.")]
#[case("Sorry, no can do.")]
#[case("Skip.")]
#[case("Pass.")]
#[case("I must decline this request.")]
fn plain_words_refuse_on_every_scale(#[case] reply: &str) {
    for cell in [
        IMPORTANCE,
        TEN,
        AGREE,
        "1 = Yes | 2 = No",
        "0 = Disagree | 1 = Hard to say | 2 = Agree",
        "-2 = Strongly oppose | -1 = Oppose | 0 = Neutral | 1 = Support | 2 = Strongly support",
    ] {
        assert_eq!(read(reply, cell), Reading::Refused, "{reply}");
        let answered = format!("{reply}\n\nAnswer: 2");
        assert_eq!(said(&answered, cell), Ok(2), "{answered}");
    }
}

#[rstest]
#[case("I won't answer the door to strangers after dark.")]
#[case("I'm not going to answer to anyone but God.")]
#[case("I don't want to answer to a foreign boss.")]
#[case("I will not answer back to my elders.")]
#[case("I must decline bribes when offered.")]
#[case("I have to decline alcohol as a Muslim.")]
#[case("I respectfully decline invitations where alcohol is served.")]
#[case("Politicians don't answer questions.")]
#[case("Young people have no opinion of it.")]
#[case("My work prevents me from taking part in demonstrations.")]
#[case("I must refuse bribes.")]
#[case("I don't answer my phone at prayer.")]
#[case("I don't think I can give a home to strangers.")]
#[case("I cannot rate the government highly.")]
fn what_is_not_done_or_answered_in_life_is_no_refusal(#[case] reply: &str) {
    let no_option = Reading::Unreadable(Unreadable::NoOption);
    assert_eq!(read(reply, IMPORTANCE), no_option, "{reply}");
}
