//! The locks of crate lists: handed in, or of their sources.

use super::Workspace;
use super::bounded::{read_bounded, read_if_there};
use crate::cargo2::discover;
use crate::cargo2::element::CrateList;
use crate::cargo2::verify::LockFile;
use crate::finding::read::Read;
use crate::finding::{Finding, rules};
use std::path::Path;

impl Workspace {
    /// Handed-in locks that belong to no Rust element.
    #[must_use]
    pub fn unknown_locks(&self, elements: &[String]) -> Vec<Finding> {
        self.shared
            .locks
            .iter()
            .filter(|(name, _)| !elements.contains(name))
            .map(|(name, _)| discover::unknown(name))
            .collect()
    }

    /// Takes note of the locks that will be requested, so that those of one repository come together.
    pub fn announce(&self, crate_lists: &[CrateList]) {
        let fetched = crate_lists.iter().filter(|crate_list| self.handed_in(crate_list).is_none());
        self.shared.stage.announce(fetched.filter_map(|crate_list| crate_list.plan.as_ref().ok()));
    }

    /// The lock of a crate list.
    ///
    /// # Errors
    /// A finding that says why it is not to be had.
    pub async fn lock(&self, crate_list: &CrateList) -> Result<LockFile, Box<Finding>> {
        if let Some(path) = self.handed_in(crate_list) {
            return handed_lock(path, crate_list);
        }
        let plan = crate_list.plan.as_ref().map_err(Clone::clone)?;
        let (times, reading) = (&self.shared.times, self.shared.stage.lock(&self.files, plan));
        times.within(times.element, reading).await.unwrap_or_else(|late| Err(late.finding()))
    }

    /// Reads a text file next to the lock of a crate list. A lock that is handed in as a file has nothing next to it.
    pub async fn beside_the_lock(&self, crate_list: &CrateList, name: &str) -> Read<String> {
        let plan = match &crate_list.plan {
            Ok(plan) => plan,
            Err(why) => return Read::unreadable(&why.message),
        };
        let path = plan.path.rsplit_once('/').map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/{name}"));
        let bytes = match self.handed_in(crate_list) {
            Some(given) if given.is_dir() => read_if_there(&given.join(path)),
            Some(_) => Read::Absent,
            None => {
                let (times, reading) = (&self.shared.times, self.shared.stage.file(&self.files, &plan.layers, &path));
                match times.within(times.element, reading).await {
                    Ok(Ok(Some((bytes, _)))) => Read::Known(bytes),
                    Ok(Ok(None)) => Read::Absent,
                    Ok(Err(why)) => Read::unreadable(why.message),
                    Err(late) => Read::unreadable(late.to_string()),
                }
            }
        };
        let text = |bytes| String::from_utf8(bytes).map_or_else(|_| Read::unreadable("it is not UTF-8"), Read::Known);
        bytes.and_then(text)
    }

    fn handed_in(&self, crate_list: &CrateList) -> Option<&Path> {
        self.shared.locks.iter().find(|(name, _)| crate_list.elements.contains(name)).map(|(_, path)| path.as_path())
    }
}

/// A lock that the command line named: a file, or the folder with the sources.
fn handed_lock(path: &Path, crate_list: &CrateList) -> Result<LockFile, Box<Finding>> {
    let inside = crate_list.plan.as_ref().map_or("Cargo.lock", |plan| plan.path.as_str());
    let file = if path.is_dir() { path.join(inside) } else { path.to_owned() };
    match read_bounded(&file) {
        Ok(bytes) => Ok(LockFile { bytes, origin: format!("{} (handed in)", file.display()) }),
        Err(e) => Err(Box::new(Finding::new(
            &rules::LOCK_UNAVAILABLE,
            format!("the lock `{}` that was handed in: {e}", file.display()),
        ))),
    }
}
