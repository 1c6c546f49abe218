//! The same GitHub without a socket: a function from a request to an answer, and a tower service around it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::{HeaderValue, Request, Response};
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};

use super::Handle;
use super::http::{Answer, Request as Raw};

/// Any error, as tower has them.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Handle {
    /// Answers a request. None where a fault cuts the connection.
    pub fn respond(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let raw = Raw { method: parts.method.to_string(), target, headers, body: body.to_vec() };
        self.answer(&raw).filter(|answer| !answer.cut && !answer.stalled).map(|answer| response(&answer))
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

/// The fake GitHub as a tower service. A connection that a fault cuts is an error.
#[derive(Clone)]
pub struct Service {
    handle: Handle,
}

impl tower_service::Service<Request<Full<Bytes>>> for Service {
    type Response = Response<BoxBody<Bytes, BoxError>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let handle = self.handle.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let answer = handle.respond(Request::from_parts(parts, body)).ok_or("the connection was cut")?;
            Ok(answer.map(|body| Full::new(body).map_err(|never| match never {}).boxed()))
        })
    }
}
