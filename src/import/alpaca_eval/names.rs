//! Who is compared by whom: what a row names, what its file's place tells, and stand-ins.

use std::borrow::Cow;
use std::path::Path;

use super::AlpacaEval;
use crate::import::folder_above;
use crate::import::record::{Fault, Fields, Record};
use crate::import::sheet::Sheet;
use crate::import::tally::Effect;

impl AlpacaEval<'_> {
    /// Model, baseline and annotator of a row; names that nobody gave are counted.
    pub(super) fn contest(
        &self,
        fields: &Fields<'_>,
        sheet: &mut Sheet<'_>,
        record: &Record<'_>,
    ) -> Result<[String; 3], Fault> {
        let owned = |name: Cow<'_, str>| name.into_owned();
        let model = fields.name(&["generator_2"])?.map(owned);
        let baseline = fields.name(&["generator_1"])?.map(owned);
        let judge = fields.name(&["annotator", "preference_annotator"])?;
        let judge = judge.map(owned);
        let path = &sheet.source.path;
        let mut made_up = |name: &str, reason: &str| {
            sheet.count(Effect::Kept, reason, record);
            name.to_owned()
        };
        let model = model.unwrap_or_else(|| {
            let folder = match &judge {
                Some(judge) => model_folder(path, judge),
                None => folder_above(path, 2),
            };
            match folder {
                Some(folder) => made_up(
                    &folder,
                    "no `generator_2`: the model is called after the file's folder",
                ),
                None => made_up("model", "no `generator_2`: the model is called `model`"),
            }
        });
        let baseline = baseline.or_else(|| self.baseline.map(str::to_owned));
        let judge = judge.or_else(|| self.judge.map(str::to_owned));
        Ok([
            model,
            baseline.unwrap_or_else(|| {
                made_up(
                    "baseline",
                    "no `generator_1` and no --baseline: the baseline is called `baseline`",
                )
            }),
            judge.unwrap_or_else(|| {
                made_up(
                    "annotator",
                    "no `annotator` and no --judge: the judge is called `annotator`",
                )
            }),
        ])
    }
}

/// The folder named after the model: that of the file, or the one above where that is
/// named after the annotator.
pub(super) fn model_folder(path: &Path, annotator: &str) -> Option<String> {
    match folder_above(path, 1)? {
        folder if folder == annotator => folder_above(path, 2),
        folder => Some(folder),
    }
}
