//! A plain client of the fake: what it says is asserted, not interpreted.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::github::Handle;

/// Requests with one token, below the repository unless the path says otherwise.
pub(crate) struct Client {
    root: String,
    token: String,
}

pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Client {
    pub(crate) fn new(fake: &Handle, token: &str) -> Self {
        Self::at(&fake.api_url(), token)
    }

    pub(crate) fn at(root: &str, token: &str) -> Self {
        Self { root: root.into(), token: token.into() }
    }

    pub(crate) fn get(&self, path: &str) -> Said {
        self.send("GET", path, None).unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Said {
        self.send("POST", path, Some(body)).unwrap()
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Said {
        self.send("PATCH", path, Some(body)).unwrap()
    }

    pub(crate) fn delete(&self, path: &str) -> Said {
        self.send("DELETE", path, None).unwrap()
    }

    /// GraphQL, with the documents that the bot sends.
    pub(crate) fn query(&self, document: &str, variables: &Value) -> Value {
        let said = self.post("//graphql", &json!({ "query": document, "variables": variables }));
        assert_eq!(said.status, 200);
        said.body
    }

    /// A conditional request.
    pub(crate) fn get_unless(&self, path: &str, tag: &str) -> Said {
        self.send_with("GET", path, None, &[("if-none-match", tag)]).unwrap()
    }

    /// Err: the connection broke. A path with two slashes starts at the root of the API.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Said> {
        self.send_with(method, path, body, &[])
    }

    fn send_with(&self, method: &str, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> io::Result<Said> {
        let url = match path.strip_prefix('/').filter(|rest| rest.starts_with('/')) {
            Some(path) => format!("{}{path}", self.root),
            None if path.starts_with("http") => path.to_owned(),
            None => format!("{}/repos/owner/name{path}", self.root),
        };
        let (host, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        // A null stands for no body.
        let text = body.filter(|body| !body.is_null()).map(Value::to_string).unwrap_or_default();
        let length = text.len().to_string();
        let authorization = format!("Bearer {}", self.token);
        let own = [("host", host), ("authorization", &authorization), ("content-length", &length)];
        let lines = own.iter().chain(&[("content-type", "application/json")]).chain(headers);
        let lines: String = lines.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let mut connection = TcpStream::connect(host)?;
        connection.write_all(format!("{method} /{target} HTTP/1.1\r\n{lines}\r\n{text}").as_bytes())?;
        Said::read(&mut BufReader::new(connection))
    }
}

impl Said {
    fn read(from: &mut BufReader<TcpStream>) -> io::Result<Self> {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            from.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let mut text = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
        from.read_exact(&mut text)?;
        let body = if text.is_empty() { Value::Null } else { serde_json::from_slice(&text).unwrap() };
        Ok(Self { status, headers, body })
    }

    /// The texts of a field of each entry of a list.
    pub(crate) fn texts(&self, field: &str) -> Vec<String> {
        self.body.as_array().unwrap().iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The address of the next page.
    pub(crate) fn next(&self) -> Option<String> {
        let link = self.header("link")?.split(", ").find(|link| link.contains("rel=\"next\""))?;
        Some(link.split('>').next()?.trim_start_matches('<').to_owned())
    }
}
