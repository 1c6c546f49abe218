//! Python programs that import BuildStream: started once, asked over their standard input.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A program that answers on its standard output.
pub(crate) struct Python {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    /// Sends a line of JSON, and returns the line that comes back.
    pub(crate) fn ask(&mut self, question: &serde_json::Value) -> serde_json::Value {
        writeln!(self.input, "{question}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's settings come from the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Starts a program with the Python of BuildStream's environment. None, with a line that says so, where there is none.
pub(crate) fn started(program: &str) -> Option<Python> {
    let python = variable("CARGO2_BOT_BST").map(|bst| Path::new(&bst).with_file_name("python"));
    let found = python.filter(|python| python.exists()).and_then(|python| start(&python, program));
    if found.is_none() {
        assert_ne!(variable("CARGO2_BOT_REQUIRE_PEERS").as_deref(), Some("1"), "BuildStream is required and absent");
        #[expect(clippy::print_stderr, reason = "says why nothing was compared")]
        {
            eprintln!("skipped: CARGO2_BOT_BST does not name an environment with BuildStream");
        }
    }
    found
}

fn start(python: &Path, program: &str) -> Option<Python> {
    let mut child = Command::new(python)
        .args(["-W", "ignore", "-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let (input, output) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
    let mut python = Python { child, input, output };
    let mut ready = String::new();
    python.output.read_line(&mut ready).ok()?;
    (ready == "ready\n").then_some(python)
}
