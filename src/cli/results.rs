//! A results folder, read again.

use std::path::Path;
use std::sync::Arc;

use oyer::engine::stock;
use oyer::plan::Plan;
use oyer::settle::collect::{Collected, Collector};
use oyer::store::{CallIndex, Reader};
use oyer::study::Study;

use super::error::Failure;

/// What a results folder holds.
pub(crate) struct Results {
    pub(crate) plan: Arc<Plan>,
    pub(crate) reader: Reader,
    pub(crate) index: CallIndex,
}

impl Results {
    /// Opens a folder for the study of its latest run.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let reader = Reader::open(folder)?;
        let run = reader
            .runs()?
            .pop()
            .ok_or_else(|| Failure::Input(format!("{} holds no run yet", folder.display())))?;
        let damaged = |what: String| {
            Failure::Internal(format!("the study stored in {} {what}", folder.display()))
        };
        let text = reader
            .study(&run.study)?
            .ok_or_else(|| damaged("is missing".to_owned()))?;
        let study: Study = serde_json::from_slice(&text)
            .map_err(|error| damaged(format!("is damaged: {error}")))?;
        let plan = Plan::new(Arc::new(study)).map_err(Failure::Problems)?;
        Ok(Self {
            plan: Arc::new(plan),
            index: reader.index()?,
            reader,
        })
    }

    /// Everything that is stored of the study.
    pub(crate) fn collect(&self) -> Result<Collected, Failure> {
        let mut collector = Collector::new(&self.plan);
        stock::take(&self.plan, &self.reader, &self.index, &mut collector, true)?;
        Ok(collector.finish())
    }
}
