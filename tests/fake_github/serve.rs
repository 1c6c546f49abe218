//! From a connection to an answer.

use std::io::BufReader;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::Ordering;

use cargo2_bot::io::http::Exchange;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use tower::{BoxError, service_fn};

use serde_json::{Value, json};

use super::Handle;
use super::faults::{Fault, Seen};
use super::http::{Answer, Request, decode};
use super::token::{Kind, Token};

/// A request that reached the server.
#[derive(Clone, Debug)]
pub struct Logged {
    pub method: String,
    /// Path and query without the prefix of Enterprise; `/graphql#Name` for a GraphQL operation.
    pub path: String,
    /// The JSON that was sent; the variables of a GraphQL operation.
    pub body: Value,
    /// None where the connection was cut.
    pub status: Option<u16>,
    /// Whether it asks for a change: any method but GET, and mutations.
    pub write: bool,
}

/// A request on its way through the routes.
pub(crate) struct Call {
    pub method: String,
    /// Below `/repos/owner/name`, decoded.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    pub body: Value,
    pub token: Token,
    /// The API's root as the client reached it.
    pub root: String,
}

impl Call {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A text of the body.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }
}

impl Handle {
    /// This GitHub as a service, to be put in place of the network: no time passes on the way.
    pub fn exchange(&self) -> Exchange {
        let server = self.clone();
        Exchange::new(service_fn(move |request: ::http::Request<Full<Bytes>>| {
            let server = server.clone();
            async move {
                let (head, body) = request.into_parts();
                let text = |(name, value): (&::http::HeaderName, &::http::HeaderValue)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                };
                let request = Request {
                    method: head.method.to_string(),
                    target: head.uri.path_and_query().map_or("/".to_owned(), ToString::to_string),
                    headers: head.headers.iter().map(text).collect(),
                    body: body.collect().await?.to_bytes().to_vec(),
                };
                let answer = server.answer(&request).filter(|answer| !answer.stalled);
                let answer = answer.ok_or("the connection was cut")?;
                let body = answer.body.as_ref().map(Value::to_string).unwrap_or_default();
                let head = ::http::Response::builder().status(answer.status);
                let head = answer.headers.iter().fold(head, |head, (name, value)| head.header(name, value));
                let body = Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed();
                Ok::<_, BoxError>(head.body(body)?)
            }
        }))
    }

    pub(crate) fn listen(&self, listener: &TcpListener) {
        for connection in listener.incoming() {
            if self.shared.stop.load(Ordering::SeqCst) {
                return;
            }
            let server = self.clone();
            if let Ok(connection) = connection {
                std::thread::spawn(move || server.converse(connection));
            }
        }
    }

    fn converse(&self, mut connection: TcpStream) {
        let _ = connection.set_nodelay(true);
        let Ok(reading) = connection.try_clone() else { return };
        let mut reading = BufReader::new(reading);
        while let Ok(Some(request)) = Request::read(&mut reading) {
            if self.shared.stop.load(Ordering::SeqCst) {
                break;
            }
            match self.answer(&request) {
                Some(answer) => {
                    if answer.send(&mut connection).is_err() {
                        break;
                    }
                }
                None => break,
            }
        }
        let _ = connection.shutdown(Shutdown::Both);
    }

    /// None: the connection is cut.
    pub(crate) fn answer(&self, request: &Request) -> Option<Answer> {
        let target = request.target.as_str();
        let (root, path) = match target.strip_prefix("/api/v3") {
            Some(path) => (self.enterprise_api_url(), path),
            None => (self.api_url(), target.strip_prefix("/api").filter(|p| *p == "/graphql").unwrap_or(target)),
        };
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let seen = self.see(request, path, &body);
        for hook in self.shared.hooks(&seen) {
            hook(self);
        }
        let fault = self.shared.fault(&seen);
        let answer = match fault.as_ref().filter(|fault| !fault.carried_out()) {
            Some(_) => None,
            None => Some(self.carry_out(request, &root, path, &body)),
        };
        if let Some(watcher) = self.shared.watcher().filter(|_| answer.is_some()) {
            watcher(self, &seen);
        }
        if let Some(Fault::Slow(time)) = &fault {
            std::thread::sleep(*time);
        }
        let answer = match &fault {
            Some(Fault::ResetBefore | Fault::ResetAfter) => None,
            Some(Fault::Stall { .. }) => Some(Answer { stalled: true, ..Answer::empty(200) }),
            Some(Fault::Truncated) => answer.map(|answer| Answer { cut: true, ..answer }),
            Some(Fault::Text(text)) => answer.map(|answer| Answer { raw: Some((*text).to_owned()), ..answer }),
            Some(fault) => fault.answer().or(answer),
            None => answer,
        };
        let mut log = self.shared.log.lock().unwrap();
        log[seen.number - 1].status = answer.as_ref().map(|a| a.status);
        drop(log);
        // What a fault spoiled or a test put in its place is no answer of GitHub, nor is GraphQL's limit where REST was asked.
        let foreign = matches!(fault, Some(Fault::GraphqlLimit { .. })) && path != "/graphql"
            || matches!(fault, Some(Fault::Answer { status: 200, .. }));
        if let Some(answer) =
            answer.as_ref().filter(|answer| answer.raw.is_none() && !answer.cut && !answer.stalled && !foreign)
        {
            self.record(&request.method, path, &body, answer.status, answer.body.as_ref());
        }
        answer.map(|answer| not_modified(request, answer))
    }

    /// Logs a request. Its number is its place in the log.
    fn see(&self, request: &Request, path: &str, body: &Value) -> Seen {
        let document = body["query"].as_str().filter(|_| path == "/graphql");
        let operation = document.map(|document| super::graphql::operation(body, document));
        let (name, mutation) = operation.unwrap_or_default();
        let logged = Logged {
            method: request.method.clone(),
            path: if document.is_some() { format!("/graphql#{name}") } else { path.to_owned() },
            body: if document.is_some() { body["variables"].clone() } else { body.clone() },
            status: None,
            write: if document.is_some() { mutation } else { request.method != "GET" },
        };
        let mut log = self.shared.log.lock().unwrap();
        log.push(logged);
        Seen {
            number: log.len(),
            method: request.method.clone(),
            path: path.to_owned(),
            operation: document.map(|_| name),
            body: body.clone(),
        }
    }

    fn carry_out(&self, request: &Request, root: &str, path: &str, body: &Value) -> Answer {
        let mut state = self.state();
        let given =
            request.header("authorization").and_then(|h| h.split_once(' ')).map_or("", |(_, token)| token.trim());
        let Some(token) = state.tokens.get(given).cloned() else {
            let documentation = "https://docs.github.com/rest";
            return Answer::json(
                401,
                json!({ "message": "Bad credentials", "documentation_url": documentation, "status": "401" }),
            );
        };
        let limit: u64 = if token.kind == Kind::Workflow { 1000 } else { 5000 };
        state.remaining = state.remaining.saturating_sub(1);
        let remaining = state.remaining.min(limit);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(&value.replace('+', " ")))
        };
        let call = Call {
            method: request.method.clone(),
            path: path.split('/').skip(1).map(decode).collect(),
            query: query.split('&').filter(|p| !p.is_empty()).map(pair).collect(),
            body: body.clone(),
            token,
            root: root.to_owned(),
        };
        let answer = match (call.method.as_str(), path) {
            ("POST", "/graphql") => super::graphql::answer(&mut state, &call),
            _ => super::rest::answer(&mut state, call),
        };
        answer
            .header("x-ratelimit-limit", &limit)
            .header("x-ratelimit-remaining", &remaining)
            .header("x-ratelimit-used", &(limit - remaining))
            .header("x-ratelimit-reset", &4_102_444_800_u64)
            .header("x-ratelimit-resource", &if path == "/graphql" { "graphql" } else { "core" })
    }
}

/// Conditional requests: the same content under the same tag is not sent again.
fn not_modified(request: &Request, mut answer: Answer) -> Answer {
    let Some(body) = answer.body.as_ref().filter(|_| request.method == "GET" && answer.status == 200) else {
        return answer;
    };
    let text = body.to_string();
    let hash = git2::Oid::hash_object(git2::ObjectType::Blob, text.as_bytes()).unwrap();
    let tag = format!("W/\"{hash}\"");
    if request.header("if-none-match") == Some(tag.as_str()) {
        answer = Answer { status: 304, body: None, ..answer };
    } else {
        // It need not be written twice.
        answer.raw.get_or_insert(text);
    }
    answer.header("etag", &tag)
}
