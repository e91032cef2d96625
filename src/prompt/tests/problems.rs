//! What is found wrong with templates before anything is asked.

use insta::assert_snapshot;
use rstest::rstest;

use super::*;
use crate::study::Seen;

/// Nothing tells the second persona's kind from the first's, but its id.
#[test]
fn a_template_that_fails_on_one_persona_or_question_is_told_before_anything_is_asked() {
    let mut study = study();
    let mut twin = study.personas[0].clone();
    twin.id = "twin".to_owned();
    study.personas.push(twin);
    study.judging.question_prompt =
        own("{{ question.text }}\n{{ 1 // (0 if persona.id == \"twin\" else 1) }}");
    let problems = Prompts::new(&study).err().unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let told = problems[0].to_string();
    assert!(told.contains(":2:4: judging.question_prompt: "), "{told}");
    assert!(told.contains("it fails on the item twin/"), "{told}");
}

#[test]
fn the_error_of_a_template_names_its_place_and_the_key_of_the_study() {
    let error = PromptError {
        template: "mine.j2".to_owned(),
        field: "judging.question_prompt",
        line: Some(2),
        column: Some(4),
        message: "wrong".to_owned(),
    };
    assert_eq!(
        error.to_string(),
        "prompt template mine.j2, line 2, column 4, which judging.question_prompt names: wrong"
    );
}

#[rstest]
#[case::misspelt(
    "Hello\n{{ persona.txet }}",
    "2:4: judging.question_prompt: there is no value `persona.txet` in this template\n  help: did you mean `persona.text`?"
)]
#[case::unknown_root(
    "{% if true %}\n{{ persna.text }}{% endif %}",
    "2:4: judging.question_prompt: there is no value `persna.text` in this template\n  help: did you mean `persona.text`?"
)]
#[case::unknown_level(
    "{{ persona.levels.religion }}",
    "1:4: judging.question_prompt: there is no value `persona.levels.religion` in this template\n  help: what is given here: persona.id, persona.text, persona.traits, question.id, question.topic, question.text, persona.levels.sex, persona.levels.age_group"
)]
#[case::judge_value(
    "truth {{ question.text }}\n\n{{ truth }}",
    "3:4: judging.question_prompt: there is no value `truth` in this template\n  help: what is given here: persona.id, persona.text, persona.traits, question.id, question.topic, question.text, persona.levels.sex, persona.levels.age_group"
)]
#[case::by_subscript(
    "x\n{{ persona['txet'] }}",
    "2:4: judging.question_prompt: undefined value: `persona['txet']` is undefined"
)]
#[case::in_one_kind_of_item(
    "x\n{% if persona.text is none %}\n{{ persona.levels['x'] }}\n{% endif %}",
    "3:4: judging.question_prompt: undefined value: `persona.levels['x']` is undefined\n  help: it fails on the item p2/q1 and 3 more items"
)]
#[case::syntax(
    "{{ question.text }}\n{% if persona.text %}",
    "2:20: judging.question_prompt: syntax error: unexpected end of input, expected end of block\n  help: a value is written {{ name }}, a statement {% if name %}…{% endif %}, a comment {# … #}"
)]
#[case::filter(
    "\n{{ question.text|shout }}",
    "2:18: judging.question_prompt: unknown filter: filter shout is unknown\n  help: filters are Jinja's, such as `trim`, `lower`, `join(\", \")`, `default(\"…\")`"
)]
#[case::not_alone(
    "{% include 'persona' %}",
    "1:4: judging.question_prompt: a prompt template stands alone: it cannot include, import or extend another"
)]
#[case::endless(
    "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}",
    "1:56: judging.question_prompt: this does too much work for one prompt; is there a loop that runs away?"
)]
#[case::blank(
    "{# nothing #}",
    " judging.question_prompt: this template gives a blank message, so nothing would be asked\n  help: put {{ question.text }} into it"
)]
fn a_question_template_that_fails_is_found_before_any_call(
    #[case] source: &str,
    #[case] expected: &str,
) {
    let mut study = study();
    study.judging.question_prompt = own(source);
    assert_eq!(problems(&study), format!("mine.j2:{expected}"));
}

#[test]
fn what_the_elements_of_a_list_do_not_have_is_told_at_once() {
    let mut study = study();
    study.judging.persona_prompt = own(
        "{% for t in persona.traits %}{{ t.nam }}: {{ t.valu }}{{ t.name }}\n{% endfor %}{{ oops }}",
    );
    study.judging.question_prompt = own("{{ question.text }");
    let problems = problems(&study);
    for part in [
        "mine.j2:1:33: judging.persona_prompt: there is no value `t.nam` in this template\n  help: did you mean `t.name`?",
        "mine.j2:1:46: judging.persona_prompt: there is no value `t.valu` in this template\n  help: did you mean `t.value`?",
        "mine.j2:2:16: judging.persona_prompt: there is no value `oops` in this template",
        "judging.question_prompt: syntax error",
    ] {
        assert!(problems.contains(part), "{problems}");
    }
    assert!(!problems.contains("`t.name` in"), "{problems}");
}

#[test]
fn templates_of_a_study_that_is_not_whole_are_looked_at() {
    let mut study = study();
    study.dimensions.clear();
    study.personas.truncate(1);
    study.personas[0].levels.clear();
    study.judging.persona_prompt = own("{{ persona.levels.anything }} {{ persona.txt }}");
    // What may follow from what is made up is not told.
    study.judging.question_prompt = own("{{ question.text.split(': ')[7] }}");
    let problems = Prompts::lint(&Seen {
        study,
        knows_dimensions: false,
        is_made_up: true,
    });
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].message.contains("`persona.txt`"),
        "{}",
        problems[0]
    );
}

#[test]
fn a_mistake_in_one_template_hides_none_of_another() {
    let mut study = judged_by("{{ first.label }} overall_winner persona_winner value_winner");
    study.judging.question_prompt = own("{{ 1 / 0 }}");
    for (persona, expected) in [
        ("{{ foo }}", "there is no value `foo`"),
        ("{{ persona.text", "syntax error"),
        ("{{ 2 / 0 }}", "unable to calculate 2 / 0"),
        ("{{ persona.id|shout }}", "unknown filter"),
    ] {
        study.judging.persona_prompt = own(persona);
        let problems = problems(&study);
        for part in [
            expected,
            "unable to calculate 1 / 0",
            "both answers must stand",
        ] {
            assert_eq!(problems.matches(part).count(), 1, "{persona}: {problems}");
        }
        assert_eq!(problems.matches("mine.j2").count(), 3, "{problems}");
    }
}

#[test]
fn a_value_that_there_is_not_hides_no_unknown_filter() {
    let mut study = study();
    study.judging.question_prompt = own("{{ persna.id }}{{ 1 / 0 }}");
    let told = problems(&study);
    assert_eq!(told.matches("mine.j2").count(), 1, "{told}");
    study.judging.question_prompt = own("{{ persna.id }}\n{{ question.text|shout }}");
    let told = problems(&study);
    for part in [
        "`persna.id`",
        "mine.j2:2:18: judging.question_prompt: unknown filter",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn a_value_that_only_a_loop_or_a_macro_has_is_placed_where_it_is_asked_for_outside() {
    let mut study = study();
    study.judging.question_prompt = own("{% for x in [1] %}{{ x }}{% endfor %}\n\
         {% macro m(y) %}{{ y }}{%- endmacro -%}{{ question.text }}\n{{ x }}{{ y }}");
    let told = problems(&study);
    for part in [
        "mine.j2:3:4: judging.question_prompt: there is no value `x`",
        "mine.j2:3:11: judging.question_prompt: there is no value `y`",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn every_filter_test_and_function_that_there_is_not_is_told_at_once() {
    let mut study = study();
    study.judging.question_prompt = own("{{ question.text|shout|trim|shout }} {{ persna.id }}\n\
         {% if question.id is evenn %}{{ question.id | whisper(\"|x\") }}{% endif %}\n\
         {% if false %}{{ 'a | b'|hush }}{% endif %}{{ foo(1) }}{{ question['txet'].x }}");
    assert_snapshot!(problems(&study), @r#"
    mine.j2:1:18: judging.question_prompt: unknown filter: filter shout is unknown
      help: filters are Jinja's, such as `trim`, `lower`, `join(", ")`, `default("…")`
    mine.j2:1:41: judging.question_prompt: there is no value `persna.id` in this template
      help: did you mean `persona.id`?
    mine.j2:2:22: judging.question_prompt: unknown test: test evenn is unknown
      help: tests are Jinja's, such as `is defined`, `is none`, `is divisibleby(2)`
    mine.j2:2:47: judging.question_prompt: unknown filter: filter whisper is unknown
      help: filters are Jinja's, such as `trim`, `lower`, `join(", ")`, `default("…")`
    mine.j2:3:26: judging.question_prompt: unknown filter: filter hush is unknown
      help: filters are Jinja's, such as `trim`, `lower`, `join(", ")`, `default("…")`
    mine.j2:3:47: judging.question_prompt: unknown function: foo is unknown
      help: functions are Jinja's: `range`, `dict`, `namespace`
    "#);
}

#[test]
fn a_filter_that_another_is_given_is_named_and_one_with_points_is_told_once() {
    let mut study = study();
    study.judging.question_prompt =
        own("{{ question.text|a.b }}\n{{ [question.text]|map('nope')|select(\"odder\")|join }}");
    let told = problems(&study);
    for part in [
        "mine.j2:1:18: judging.question_prompt: unknown filter: filter a.b is unknown",
        "mine.j2:2:25: judging.question_prompt: unknown filter: filter nope is unknown",
        "mine.j2:2:40: judging.question_prompt: unknown test: test odder is unknown",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(told.matches("unknown ").count(), 3, "{told}");
}

#[test]
fn a_template_that_leaves_the_question_out_is_told() {
    let mut study = study();
    study.judging.question_prompt = own("Say what you think of {question.text}.");
    assert_snapshot!(problems(&study), @"
    mine.j2: judging.question_prompt: the questions `q1` and `q2` are asked in the same words
      help: put {{ question.text }} into it; single braces are text
    ");
    // The persona's prompt may ask it.
    study.judging.persona_prompt = own("{{ question.text }}");
    assert_eq!(problems(&study), "none");
    study.judging.persona_prompt = own("{{ persona.id }}");
    study.questions[1].text = study.questions[0].text.clone();
    assert_eq!(problems(&study), "none");
}

#[test]
fn values_of_the_language_itself_are_not_unknown() {
    let mut study = study();
    study.judging.question_prompt = own(
        "{% set greeting = 'Hello' %}{% macro ask(x) %}{{ x }}{% endmacro %}\
         {% for trait in persona.traits %}{{ loop.index }}{{ trait.name }}{% endfor %}\
         {% for i in range(2) %}{{ i }}{% endfor %}{% set n = namespace(x=1) %}{{ n.x }}\
         {{ greeting }} {{ ask(question.text.upper) if false else ask(question.text) }}\
         {{ persona.levels['sex'] }}\
         {% if persona.text %}{% set who = 'a' %}{% else %}{% set who = 'b' %}{% endif %}{{ who }}",
    );
    assert_eq!(problems(&study), "none");
}

#[test]
fn a_value_that_is_set_for_some_items_only_is_found() {
    let mut study = study();
    study.judging.question_prompt =
        own("{% if persona.text %}{% set who = 'a' %}{% endif %}\n{{ who }}");
    assert_eq!(
        problems(&study),
        "mine.j2:2:4: judging.question_prompt: undefined value: `who` is undefined\n  \
         help: it fails on the item p2/q1 and 3 more items"
    );
}

#[test]
fn problems_of_all_templates_are_shown_at_once() {
    let mut study = judged_by("{{ first.text }}");
    study.judging.persona_prompt = own("{{ a }}\n{{ b }}");
    study.judging.question_prompt = own("{{ c }}");
    assert_snapshot!(problems(&study), @"
    mine.j2:1:4: judging.persona_prompt: there is no value `a` in this template
      help: what is given here: persona.id, persona.text, persona.traits, question.id, question.topic, question.text, persona.levels.sex, persona.levels.age_group
    mine.j2:2:4: judging.persona_prompt: there is no value `b` in this template
      help: what is given here: persona.id, persona.text, persona.traits, question.id, question.topic, question.text, persona.levels.sex, persona.levels.age_group
    mine.j2:1:4: judging.question_prompt: there is no value `c` in this template
      help: what is given here: persona.id, persona.text, persona.traits, question.id, question.topic, question.text, persona.levels.sex, persona.levels.age_group
    mine.j2:1:4: judging.rubric: there is no value `first.text` in this template
      help: what is given here: persona.id, persona.text, persona.traits, question.id, question.topic, question.text, persona.levels.sex, persona.levels.age_group, truth, truth_known, criteria, labels.first, labels.second, labels.tie, ties, token, first.label, first.fenced, second.label, second.fenced
    ");
}

#[test]
fn a_judge_template_must_show_both_answers_fenced_and_in_order() {
    let keys = "{% for c in criteria %}{{ c.key }} {% endfor %}\n";
    let expected = "mine.j2: judging.rubric: both answers must stand in the prompt, in their order";
    for answers in [
        "{{ first.fenced }}",
        "{{ second.fenced }}\n{{ first.fenced }}",
        "{{ first.fenced|upper }}\n{{ second.fenced|upper }}",
        "A: {{ first.fenced }} B: {{ second.fenced }}",
    ] {
        let problems = problems(&judged_by(&format!("{keys}\n{answers}")));
        assert!(problems.starts_with(expected), "{answers}: {problems}");
    }
    let good = format!("{keys}\n{{{{ first.fenced }}}}\n{{{{ second.fenced }}}}");
    assert_eq!(problems(&judged_by(&good)), "none");
}

#[test]
fn a_judge_template_must_name_the_keys_unless_a_schema_does() {
    let source = "{{ first.fenced }}\n{{ second.fenced }}\npersona_winner, overall_winner";
    let mut study = judged_by(source);
    assert_snapshot!(problems(&study), @"
    mine.j2: judging.rubric: `value_winner` is asked for, but the prompt does not name it, so no reply could hold it
      help: name {{ criterion.key }} of each criterion in `criteria`
    ");
    study.judges[0].reply = ReplyFormat::JsonSchema;
    assert_eq!(problems(&study), "none");
}

/// Women and men in turn, of two ages, each asked of three topics.
fn people() -> Study {
    let mut study = study();
    let person = study.personas[0].clone();
    let person = |place: usize| {
        let level = |levels: [&str; 2]| Some(levels[place % 2].to_owned());
        Persona {
            id: format!("p{place}"),
            levels: vec![level(["female", "male"]), level(["young", "old"])],
            ..person.clone()
        }
    };
    study.personas = (0..6).map(person).collect();
    let third = Question {
        id: "q3".to_owned(),
        topic: Some("money".to_owned()),
        text: "What is money for?".to_owned(),
        ..study.questions[0].clone()
    };
    study.questions.push(third);
    study
}

const KEYS: &str = "{% for c in criteria %}{{ c.key }}\n{% endfor %}\n";

#[rstest]
#[case::for_some_personas(
    "{% if persona.levels.sex == 'female' %}{{ first.fenced }}\n{{ second.fenced }}{% endif %}",
    "both answers must stand in the prompt, in their order\n  help: it fails on the item p1/q1 and 8 more items; put "
)]
#[case::on_one_topic(
    "{% if question.topic != 'money' %}{{ first.fenced }}\n{{ second.fenced }}{% else %}\
     {{ second.fenced }}\n{{ first.fenced }}{% endif %}",
    "both answers must stand in the prompt, in their order\n  help: it fails on the item p0/q3 and 5 more items; put "
)]
#[case::for_one_item(
    "{% if persona.levels.age_group == 'old' and question.id == 'q3' %}{{ persona.id }}{% else %}\
     {% set shown = [first.fenced, second.fenced] %}{{ shown|join('\n') }}{% endif %}",
    "both answers must stand in the prompt, in their order\n  help: it fails on the item p1/q3 and 2 more items; put "
)]
#[case::by_the_truth(
    "{{ first.fenced }}\n{{ second.fenced if not truth or 'trust' not in truth }}",
    "both answers must stand in the prompt, in their order\n  help: it fails on the item p0/q1; put "
)]
fn a_judge_template_is_right_for_each_item_that_it_can_tell_apart(
    #[case] source: &str,
    #[case] expected: &str,
) {
    let mut study = people();
    study.judging.rubric.template = own(&format!("{KEYS}{source}"));
    let problems = problems(&study);
    assert!(
        problems.starts_with(&format!("mine.j2: judging.rubric: {expected}")),
        "{problems}"
    );
    assert_eq!(problems.matches("mine.j2").count(), 1, "{problems}");
}

#[test]
fn a_key_that_only_some_items_are_told_is_told_with_them() {
    let mut study = people();
    study.judging.rubric.template = own(
        "persona_winner value_winner {% if question.topic == 'trust' %}overall_winner{% endif %} each\n\
         {{ first.fenced }}\n{{ second.fenced }}",
    );
    assert_snapshot!(problems(&study), @"
    mine.j2: judging.rubric: `overall_winner` is asked for, but the prompt does not name it, so no reply could hold it
      help: it fails on the item p0/q2 and 11 more items; name {{ criterion.key }} of each criterion in `criteria`
    ");
}

#[test]
fn a_key_is_named_as_a_word_of_its_own_and_outside_the_answers() {
    for (key, named) in [("b", ""), ("answer", ""), ("b", "about it: `b`")] {
        assert_eq!(is_named(key, named), !named.is_empty(), "{key}: {named}");
    }
}

#[test]
fn a_key_is_named_where_it_touches_letters_of_scripts_without_spaces_or_is_emphasized() {
    for named in [
        "b的值为A或B",
        "请给出b",
        "bには勝者を",
        "b에 승자를",
        "กรอกbด้วย",
        "as _b_ here",
    ] {
        assert!(is_named("b", named), "{named}");
    }
    for other in ["x_b_winner", "_b_winner", "x_b_", "b_", "__b__", "1b"] {
        assert!(!is_named("b", other), "{other}");
    }
}

fn is_named(key: &str, said: &str) -> bool {
    let mut study = judged_by(&format!(
        "Be brief about it. {said}\n{{{{ first.fenced }}}}\n{{{{ second.fenced }}}}"
    ));
    study.judging.rubric.criteria.truncate(1);
    study.judging.rubric.criteria[0].key = key.to_owned();
    !problems(&study).contains("the prompt does not name it")
}

#[test]
fn a_question_that_is_blank_or_the_same_for_some_personas_is_told() {
    let mut study = people();
    study.judging.question_prompt =
        own("{% if persona.levels.sex == 'female' %}{{ question.text }}{% endif %}");
    assert_snapshot!(problems(&study), @"
    mine.j2: judging.question_prompt: this template gives a blank message, so nothing would be asked
      help: it fails on the item p1/q1 and 8 more items; put {{ question.text }} into it
    ");
    study.judging.question_prompt =
        own("{{ question.text if persona.levels.sex == 'female' else 'What do you think?' }}");
    assert_snapshot!(problems(&study), @"
    mine.j2: judging.question_prompt: the questions `q1` and `q2` are asked in the same words
      help: it is so for the persona p1 and 2 more personas; put {{ question.text }} into it; single braces are text
    ");
    // Each phrasing that asks the question tells them apart by itself.
    study.judging.persona_prompt = own("{{ question.text }}");
    assert_eq!(problems(&study), "none");
}

#[test]
fn text_outside_the_blocks_is_told_and_not_what_follows_from_it() {
    let study = judged_by(&format!(
        "{{% block systm %}}{KEYS}now:{{% endblock %}}\
         {{% block user %}}{{{{ first.fenced }}}}\n{{{{ second.fenced }}}}{{% endblock %}}"
    ));
    let problems = problems(&study);
    assert!(problems.contains("text outside the blocks"), "{problems}");
    assert_eq!(problems.matches("mine.j2").count(), 1, "{problems}");
}

#[test]
fn an_error_inside_a_block_has_its_line() {
    let study = judged_by(
        "{% block system %}\n{{ criteria[7].key }}\n{% endblock %}\n\
         {% block user %}{{ first.fenced }}{% endblock %}",
    );
    assert_snapshot!(problems(&study), @"mine.j2:2:12: judging.rubric: undefined value: `criteria[7]` is undefined");
}
