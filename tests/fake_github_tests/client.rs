//! A plain client of the fake: what it says is asserted, not interpreted.

use serde_json::{Value, json};

use super::github::Handle;

/// Requests with one token, below the repository unless the path says otherwise.
pub(crate) struct Client {
    agent: ureq::Agent,
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
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self { agent: config.new_agent(), root: root.into(), token: token.into() }
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
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Said, ureq::Error> {
        self.send_with(method, path, body, &[])
    }

    fn send_with(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<Said, ureq::Error> {
        let url = match path.strip_prefix('/').filter(|rest| rest.starts_with('/')) {
            Some(path) => format!("{}{path}", self.root),
            None if path.starts_with("http") => path.to_owned(),
            None => format!("{}/repos/owner/name{path}", self.root),
        };
        let request = ureq::http::Request::builder().method(method).uri(url);
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let request = request.header("content-type", "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        // A null stands for no body.
        let text = body.filter(|body| !body.is_null()).map(Value::to_string).unwrap_or_default();
        let mut answer = self.agent.run(request.body(text).unwrap())?;
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let text = answer.body_mut().read_to_string()?;
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Ok(Said { status: answer.status().as_u16(), headers, body })
    }
}

impl Said {
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
