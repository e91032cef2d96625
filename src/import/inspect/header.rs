//! What a log's header says of its models and metrics.

use serde_json::value::RawValue;

use crate::import::record::{Fault, Fields, list};

/// What the header says.
#[derive(Default)]
pub(super) struct Header {
    pub(super) model: Option<String>,
    pub(super) grader: Option<String>,
    pub(super) task: Option<String>,
    /// How the run ended; none where it is not said.
    pub(super) status: Option<String>,
    /// Scorer, with how epochs were reduced, then metric and value.
    pub(super) metrics: Vec<(String, String, Option<f64>)>,
}

pub(super) fn header(fields: &Fields<'_>) -> Result<Header, Fault> {
    let eval = fields.object(&["eval"])?.unwrap_or_default();
    let grader = match eval.object(&["model_roles"])? {
        Some(roles) => match roles.raw(&["grader", "judge"]) {
            Some(raw) => match Fields::of(raw) {
                Some(role) => role.name(&["model"])?.map(String::from),
                None => roles.name(&["grader", "judge"])?.map(String::from),
            },
            None => None,
        },
        None => None,
    };
    let results = fields
        .object(&["results"])
        .ok()
        .flatten()
        .unwrap_or_default();
    let mut scores: Vec<Fields<'_>> = results
        .list(&["scores"])
        .ok()
        .flatten()
        .unwrap_or_default()
        .iter()
        .filter_map(|raw| Fields::of(raw))
        .collect();
    // The first version of logs has one score, which is all of the results.
    if !results.has("scores") {
        scores.push(results);
    }
    let metrics = scores.iter().filter_map(metrics_of).flatten();
    Ok(Header {
        model: eval.name(&["model"])?.map(String::from),
        task: eval.text(&["task"])?.map(String::from),
        status: fields.text(&["status"]).ok().flatten().map(String::from),
        grader,
        metrics: metrics.collect(),
    })
}

/// Scorer, metric and value of one of the log's results.
fn metrics_of(score: &Fields<'_>) -> Option<Vec<(String, String, Option<f64>)>> {
    let scorer = match score.object(&["scorer"]).ok().flatten() {
        Some(scorer) => scorer.text(&["name"]).ok()??.into_owned(),
        None => score.text(&["name", "scorer"]).ok()??.into_owned(),
    };
    // Epochs may be reduced in several ways, the mean unless something else is said.
    let reducer = score.text(&["reducer"]).ok().flatten();
    let scorer = match reducer.filter(|reducer| *reducer != "mean") {
        Some(reducer) => format!("{scorer}[{reducer}]"),
        None => scorer,
    };
    let metrics = score.raw(&["metrics"])?;
    let value = |raw: &RawValue| Fields::of(raw)?.number(&["value"]).ok()?;
    let named = |(name, raw): (String, &RawValue)| (scorer.clone(), name, value(raw));
    if let Some(all) = list(metrics) {
        let name = |raw: &RawValue| Some(Fields::of(raw)?.text(&["name"]).ok()??.into_owned());
        return Some(
            all.into_iter()
                .filter_map(|raw| Some(named((name(raw)?, raw))))
                .collect(),
        );
    }
    let all = Fields::of(metrics)?;
    let all = all.pairs().map(|(name, raw)| (name.to_owned(), raw));
    Some(all.map(named).collect())
}
