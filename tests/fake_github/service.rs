//! The same GitHub without a socket: a function from a request to an answer, and a tower service around it.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use ::http::{Request, Response};
use bytes::Bytes;
use http_body_util::Full;

use super::Handle;
use super::http::{Answer, Request as Raw};

impl Handle {
    /// Answers a request. None where a fault cuts the connection.
    pub fn respond(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let text = |value: &::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let raw = Raw { method: parts.method.to_string(), target, headers, body: body.to_vec() };
        self.answer(&raw).filter(|answer| !answer.cut).map(|answer| response(&answer))
    }

    /// This GitHub as a tower service.
    pub fn service(&self) -> Service {
        Service { handle: self.clone() }
    }
}

fn response(answer: &Answer) -> Response<Bytes> {
    let mut response = Response::builder().status(answer.status);
    if answer.body.is_some() {
        response = response.header("content-type", "application/json; charset=utf-8");
    }
    for (name, value) in &answer.headers {
        response = response.header(name.as_str(), value.as_str());
    }
    response.body(Bytes::from(answer.text())).unwrap()
}

/// The fake GitHub as a tower service.
#[derive(Clone)]
pub struct Service {
    handle: Handle,
}

/// A fault cut the connection.
#[derive(Debug)]
pub struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection was cut")
    }
}

impl std::error::Error for Cut {}

impl tower_service::Service<Request<Bytes>> for Service {
    type Response = Response<Full<Bytes>>;
    type Error = Cut;
    type Future = Ready<Result<Self::Response, Cut>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cut>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        ready(self.handle.respond(request).map(|response| response.map(Full::new)).ok_or(Cut))
    }
}
