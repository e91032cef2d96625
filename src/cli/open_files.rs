//! How many files and connections this process may hold open.

/// Raises the limit as far as the system lets every process: shells often give much less.
/// Where that is refused, what is there has to do.
#[cfg(unix)]
pub(crate) fn raise_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// Where there is no bound, some systems take no more than this.
    const ENOUGH: u64 = 10_240;

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    for wanted in [
        maximum,
        maximum.map_or(Some(ENOUGH), |most| Some(most.min(ENOUGH))),
    ] {
        let is_more = match (current, wanted) {
            (Some(current), Some(wanted)) => wanted > current,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let raised = Rlimit {
            current: wanted,
            maximum,
        };
        if !is_more || setrlimit(Resource::Nofile, raised).is_ok() {
            return;
        }
    }
}

/// There is no such limit to raise.
#[cfg(not(unix))]
pub(crate) fn raise_limit() {}
