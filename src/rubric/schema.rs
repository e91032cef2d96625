//! The JSON Schema of a verdict, for servers that bind a reply to one.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::Rubric;

/// The schema of a verdict on the criteria at the indices `asked`, as JSON text.
///
/// The properties stand in the order in which a reply is to be written: the
/// reasoning first, since a model that names the winner first only defends it
/// afterwards. Servers that follow a schema's order need it in the text itself,
/// so it is written key by key and not through a sorting map.
///
/// # Errors
/// None for any rubric; the type is that of the serialiser.
pub fn reply_schema(rubric: &Rubric, asked: &[usize]) -> serde_json::Result<Box<RawValue>> {
    to_raw_value(&VerdictSchema { rubric, asked })
}

/// The object schema.
struct VerdictSchema<'a> {
    rubric: &'a Rubric,
    asked: &'a [usize],
}

impl VerdictSchema<'_> {
    fn keys(&self) -> impl Iterator<Item = &str> {
        let criteria = &self.rubric.criteria;
        self.asked
            .iter()
            .filter_map(|index| criteria.get(*index))
            .map(|criterion| criterion.key.as_str())
    }
}

impl Serialize for VerdictSchema<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut required = vec![ANALYSIS];
        required.extend(self.keys());
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "object")?;
        map.serialize_entry("properties", &Properties(self))?;
        map.serialize_entry("required", &required)?;
        map.serialize_entry("additionalProperties", &false)?;
        map.end()
    }
}

/// The key of the reasoning.
const ANALYSIS: &str = "analysis";

/// The properties in the order of the reply.
struct Properties<'a>(&'a VerdictSchema<'a>);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let labels = &self.0.rubric.labels;
        let mut winners = vec![labels.first.as_str(), labels.second.as_str()];
        if self.0.rubric.ties {
            winners.push(&labels.tie);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(ANALYSIS, &Text)?;
        for key in self.0.keys() {
            map.serialize_entry(key, &OneOf(&winners))?;
        }
        map.end()
    }
}

/// A free text.
struct Text;

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "string")?;
        map.end()
    }
}

/// One of these texts.
struct OneOf<'a>(&'a [&'a str]);

impl Serialize for OneOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "string")?;
        map.serialize_entry("enum", self.0)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;

    fn rubric(name: &str) -> Rubric {
        crate::rubric::load::load(name, Path::new("")).unwrap()
    }

    #[test]
    fn the_reasoning_stands_first_and_the_criteria_in_their_order() {
        let schema = reply_schema(&rubric("persona-value"), &[0, 1, 2]).unwrap();
        assert_snapshot!(schema, @r#"{"type":"object","properties":{"analysis":{"type":"string"},"persona_winner":{"type":"string","enum":["A","B","Tie"]},"value_winner":{"type":"string","enum":["A","B","Tie"]},"overall_winner":{"type":"string","enum":["A","B","Tie"]}},"required":["analysis","persona_winner","value_winner","overall_winner"],"additionalProperties":false}"#);
    }

    #[test]
    fn only_what_is_asked_stands_in_it_and_ties_only_where_allowed() {
        let schema = reply_schema(&rubric("voice"), &[0]).unwrap();
        assert_snapshot!(schema, @r#"{"type":"object","properties":{"analysis":{"type":"string"},"voice_winner":{"type":"string","enum":["A","B"]}},"required":["analysis","voice_winner"],"additionalProperties":false}"#);
    }

    #[test]
    fn it_takes_a_verdict_and_nothing_else() {
        let schema = reply_schema(&rubric("persona-value"), &[0, 2]).unwrap();
        let schema = serde_json::from_str(schema.get()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let good = json!({"analysis": "", "persona_winner": "A", "overall_winner": "Tie"});
        assert!(validator.is_valid(&good));
        for bad in [
            json!({"analysis": "", "persona_winner": "A"}),
            json!({"analysis": "", "persona_winner": "C", "overall_winner": "A"}),
            json!({"persona_winner": "A", "overall_winner": "A"}),
            json!({"analysis": "", "persona_winner": "A", "overall_winner": "A", "value_winner": "A"}),
        ] {
            assert!(!validator.is_valid(&bad), "{bad}");
        }
    }
}
