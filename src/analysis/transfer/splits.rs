//! The splits of open-ended items.

use std::collections::HashMap;

use crate::answers::AnswerTable;
use crate::verdict::table::Item;

/// Which split an open-ended item is of. A survey question may be held out, and what is
/// asked about it in other words is held out with it.
pub struct Splits<'a> {
    /// Of structured items, by persona and question.
    structured: HashMap<(&'a str, &'a str), &'a str>,
    links: &'a HashMap<String, String>,
}

impl<'a> Splits<'a> {
    /// By the structured items, and the survey question behind each open-ended one.
    pub fn new(answers: &'a AnswerTable, links: &'a HashMap<String, String>) -> Self {
        let items = answers.items.iter();
        let structured = items.filter_map(|item| {
            let (persona, question) = (answers.persona_of(item), answers.question_of(item));
            Some(((&*persona.id, &*question.id), item.split.as_deref()?))
        });
        Self {
            structured: structured.collect(),
            links,
        }
    }

    /// That of the structured item which it is linked to, else its persona's.
    pub fn of<'b>(&'b self, item: &'b Item) -> Option<&'b str> {
        let asked = &*item.question.id;
        let survey = self.links.get(asked).map_or(asked, String::as_str);
        let linked = self.structured.get(&(&*item.persona.id, survey)).copied();
        linked.or(item.persona.split.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::answers::table_io as answers_io;
    use crate::verdict::table_io as verdicts_io;

    #[test]
    fn an_open_ended_item_is_of_the_split_of_its_survey_question_else_of_its_persona() {
        let answers = "persona,question,split,model,option,truth,scale\n\
            p,Q1,id,m,1,1,1|2\np,Q2,ood,m,1,1,1|2\nq,Q1,ood,m,1,1,1|2\nq,Q3,,m,1,1,1|2\n";
        let verdicts = "persona,question,split,candidate,opponent,judge,rubric,criterion,score\n\
            p,o1,id,a,b,j,r@1,c,1\np,o2,id,a,b,j,r@1,c,1\np,Q2,id,a,b,j,r@1,c,1\n\
            p,free,id,a,b,j,r@1,c,1\nq,o1,,a,b,j,r@1,c,1\nq,Q3,,a,b,j,r@1,c,1\n";
        let csv = answers_io::Format::Csv;
        let answers = answers_io::read(Path::new("a.csv"), answers.as_bytes(), csv);
        let csv = verdicts_io::Format::Csv;
        let verdicts = verdicts_io::read(Path::new("v.csv"), verdicts.as_bytes(), csv);
        let (answers, verdicts) = (answers.unwrap(), verdicts.unwrap());
        let link = |(open, survey): (&str, &str)| (open.to_owned(), survey.to_owned());
        let links = [("o1", "Q1"), ("o2", "Q2")].map(link).into();
        let splits = Splits::new(&answers, &links);
        let found: Vec<(String, Option<&str>)> = verdicts
            .items
            .iter()
            .map(|item| (item.id().into_owned(), splits.of(item)))
            .collect();
        let item = |id: &str, split| (id.to_owned(), split);
        assert_eq!(
            found,
            [
                item("p/o1", Some("id")),
                item("p/o2", Some("ood")),
                item("p/Q2", Some("ood")),
                item("p/free", Some("id")),
                item("q/o1", Some("ood")),
                item("q/Q3", None),
            ]
        );
    }
}
