//! Writes the exchanges down, for the checks against GitHub's published schemas.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::Handle;

impl Handle {
    /// Appends all exchanges from now on to this file, as the environment variable `CARGO2_BOT_EXCHANGES` does.
    pub fn record_to(&self, file: &Path) {
        *self.shared.exchanges.lock().unwrap() = Some(file.to_owned());
    }

    pub(crate) fn record(&self, method: &str, path: &str, request: &Value, status: u16, response: Option<&Value>) {
        let file = self.shared.exchanges.lock().unwrap().clone();
        let Some(file) = file else { return };
        let line =
            json!({ "method": method, "path": path, "request": request, "status": status, "response": response });
        // One write for each line: tests of other processes append to the same file.
        let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}
