//! Requests against a scripted server on the loopback address.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use http_body_util::BodyExt;
use tower::service_fn;

use super::*;

/// Answers each connection with the next line of its script, and keeps the requests.
struct Server {
    root: String,
    requests: Arc<Mutex<Vec<String>>>,
}

/// The reaction to a connection.
enum Act {
    /// Send these bytes and close.
    Send(String),
    /// Send these bytes one by one with a pause, for ever.
    Drip(&'static str),
    /// Say nothing for a while.
    Stall,
    /// Send a first text, read another request, send a second one.
    Tunnel(&'static str, &'static str),
    /// Close at once.
    Close,
}

impl Server {
    fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let root = format!("http://{}/", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for act in script {
                let Ok((stream, _)) = listener.accept() else {
                    return;
                };
                // A client that hangs up is no failure of the server.
                let _ = play(stream, act, &seen);
            }
        });
        Self { root, requests }
    }

    fn seen(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn heard(stream: &mut TcpStream, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
        request.push(byte[0]);
    }
    seen.lock().unwrap().push(String::from_utf8_lossy(&request).to_ascii_lowercase());
    Ok(())
}

fn play(mut stream: TcpStream, act: Act, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    heard(&mut stream, seen)?;
    match act {
        Act::Tunnel(first, second) => {
            stream.write_all(first.as_bytes())?;
            heard(&mut stream, seen)?;
            stream.write_all(second.as_bytes())
        }
        Act::Send(text) => stream.write_all(text.as_bytes()),
        Act::Drip(head) => {
            stream.write_all(head.as_bytes())?;
            loop {
                stream.write_all(b"x")?;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Act::Stall => {
            std::thread::sleep(Duration::from_millis(400));
            Ok(())
        }
        Act::Close => Ok(()),
    }
}

fn ok(body: &str) -> Act {
    status("200 OK", "ETag: \"e\"\r\nContent-Type: text/plain\r\n", body)
}

fn status(status: &str, headers: &str, body: &str) -> Act {
    Act::Send(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ))
}

/// An answer that does not say how long it is.
fn unannounced(body: &str) -> Act {
    Act::Send(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}"))
}

fn client(server: &Server) -> HttpClient {
    with(server, |_| ())
}

fn with(server: &Server, change: impl FnOnce(&mut HttpSettings)) -> HttpClient {
    let mut settings = HttpSettings {
        trust: Trust { prefixes: vec![server.root.clone()], hosts: Vec::new() },
        read_timeout: Duration::from_millis(200),
        total_timeout: Duration::from_secs(3),
        backoff: Duration::from_millis(2),
        ..HttpSettings::default()
    };
    change(&mut settings);
    HttpClient::new(settings).unwrap()
}

#[tokio::test]
async fn an_answer_comes_with_its_headers() {
    let server = Server::start(vec![ok("hello")]);
    let response = client(&server).get(&format!("{}x?y=z", server.root), 5).await.unwrap();
    assert_eq!(response.body, b"hello");
    assert_eq!((response.head.status, response.head.etag.as_deref()), (200, Some("\"e\"")));
    let request = &server.seen()[0];
    assert!(request.starts_with("get /x?y=z http/1.1") && !request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn an_answer_that_did_not_change_has_no_content() {
    let server = Server::start(vec![status("304 Not Modified", "", "")]);
    let request = Request { etag: Some("\"e\""), ..Request::get(&server.root, 10) };
    assert_eq!(client(&server).fetch(&request).await.unwrap().head.status, 304);
    assert!(server.seen()[0].contains("if-none-match: \"e\""));
}

#[tokio::test]
async fn too_long_an_answer_is_an_error_whether_announced_or_not() {
    let server = Server::start(vec![ok("123456"), unannounced("123456")]);
    for _ in 0..2 {
        assert!(matches!(client(&server).get(&server.root, 5).await, Err(HttpError::TooLarge { limit: 5, .. })));
    }
}

#[tokio::test]
async fn an_answer_is_read_piece_by_piece_up_to_its_limit() {
    let server = Server::start(vec![ok("123456"), unannounced("123456")]);
    let mut stream = client(&server).open(&Request::get(&server.root, 6)).await.unwrap();
    assert_eq!(stream.head.content_type.as_deref(), Some("text/plain"));
    let mut content = Vec::new();
    while let Some(chunk) = stream.chunk().await.unwrap() {
        assert!(!chunk.is_empty());
        content.extend_from_slice(&chunk);
    }
    assert_eq!((content.as_slice(), stream.chunk().await), (b"123456".as_slice(), Ok(None)));
    let mut stream = client(&server).open(&Request::get(&server.root, 5)).await.unwrap();
    assert!(matches!(stream.bytes().await, Err(HttpError::TooLarge { limit: 5, .. })));
}

#[tokio::test]
async fn passing_faults_are_outlasted() {
    let cut = Act::Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhe".to_owned());
    let busy = status("429 Too Many", "Retry-After: 0\r\n", "");
    let server = Server::start(vec![status("503 Busy", "", ""), Act::Close, busy, cut, ok("hello")]);
    let patient = with(&server, |settings| settings.attempts = 5);
    assert_eq!(patient.get(&server.root, 99).await.unwrap().body, b"hello");
}

#[tokio::test]
async fn attempts_and_the_common_budget_are_bounded() {
    let busy = || status("503 Busy", "", "");
    let server = Server::start((0..9).map(|_| busy()).collect());
    let client = with(&server, |settings| settings.retry_budget = 4);
    for _ in 0..2 {
        assert!(matches!(client.get(&server.root, 9).await, Err(HttpError::Status { status: 503, .. })));
    }
    assert_eq!(server.seen().len(), 2 + 4, "4 attempts of the first, and 2 of the second, whose budget ran out");
}

#[tokio::test]
async fn a_long_retry_after_and_a_client_error_are_not_retried() {
    let server = Server::start(vec![status("503 Busy", "Retry-After: 3600\r\n", ""), status("404 No", "", "")]);
    assert!(matches!(client(&server).get(&server.root, 9).await, Err(HttpError::Status { status: 503, .. })));
    assert!(matches!(client(&server).get(&server.root, 9).await, Err(HttpError::Status { status: 404, .. })));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_silent_and_a_dripping_server_time_out() {
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let server = Server::start(vec![Act::Stall, Act::Drip(head)]);
    let begin = Instant::now();
    let hasty = with(&server, |settings| {
        settings.total_timeout = Duration::from_millis(700);
    });
    assert!(matches!(hasty.get(&server.root, 9).await, Err(HttpError::Timeout { .. })));
    assert!(matches!(hasty.get(&server.root, 1 << 20).await, Err(HttpError::Timeout { .. })));
    assert!(begin.elapsed() < Duration::from_secs(3));
    let alone = with(&server, |settings| settings.trust.prefixes.push("http://127.0.0.1:1/".to_owned()));
    let error = alone.get("http://127.0.0.1:1/", 9).await.unwrap_err();
    assert!(error.never_sent() && error.is_transient(), "{error}");
}

#[tokio::test]
async fn redirects_are_followed_but_not_for_ever() {
    let to = |place: &str| status("302 Found", &format!("Location: {place}\r\n"), "");
    let server = Server::start(vec![to("/a/b"), to("c"), ok("here")]);
    let response = client(&server).get(&server.root, 9).await.unwrap();
    assert_eq!((response.body.as_slice(), response.head.url), (b"here".as_slice(), format!("{}a/c", server.root)));
    let circle = Server::start((0..9).map(|_| to("/")).collect());
    assert!(matches!(client(&circle).get(&circle.root, 9).await, Err(HttpError::Redirect { .. })));
    assert_eq!(circle.seen().len(), 6);
}

#[tokio::test]
async fn a_redirect_is_checked_like_a_first_url() {
    let inside = Server::start(vec![ok("secret")]);
    for place in [inside.root.clone(), inside.root.replace("http:", "https:"), "file:///etc/passwd".to_owned()] {
        let server = Server::start(vec![status("302 Found", &format!("Location: {place}\r\n"), "")]);
        assert!(client(&server).get(&server.root, 9).await.is_err(), "{place} was fetched");
    }
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn a_post_is_not_redirected() {
    let server = Server::start(vec![status("307 Elsewhere", "Location: /b\r\n", "")]);
    let request = Request { body: Some(("text/plain", b"x")), ..Request::get(&server.root, 9) };
    assert!(matches!(client(&server).fetch(&request).await, Err(HttpError::Redirect { .. })));
    assert_eq!(server.seen().len(), 1);
}

fn empty(target: &Target) -> http::Request<Full<Bytes>> {
    Request::get("x", 9).message(&target.uri).unwrap()
}

#[tokio::test]
async fn a_name_that_resolves_into_the_network_is_refused_when_it_is_connected() {
    let server = Server::start(vec![ok("secret")]);
    let client = HttpClient::new(HttpSettings::default()).unwrap();
    let uri: http::Uri = server.root.replace("127.0.0.1", "localhost").parse().unwrap();
    // Past the check of the URL, as a name that lies about itself would be.
    let target = Target { uri, may_be_private: false };
    let error = client.exchange(&target, empty(&target)).await.err();
    assert!(matches!(error, Some(HttpError::Refused { .. })), "{error:?}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_connection_into_the_network_is_never_reused_for_an_untrusted_url() {
    let keep = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx".to_owned();
    let server = Server::start(vec![Act::Send(keep)]);
    let trusted = format!("{}team/", server.root);
    let client = with(&server, |settings| {
        settings.trust.prefixes = vec![trusted.clone()];
    });
    assert!(client.get(&trusted, 9).await.is_ok());
    let target = Target { uri: server.root.parse().unwrap(), may_be_private: false };
    assert!(matches!(client.exchange(&target, empty(&target)).await, Err(HttpError::Refused { .. })));
}

#[tokio::test]
async fn the_proxy_may_live_inside_the_network() {
    let proxy = Server::start(vec![status("403 Forbidden", "", "")]);
    let client = with(&proxy, |settings| {
        settings.proxy = Some(proxy.root.clone());
        settings.attempts = 1;
    });
    assert!(client.get("https://example.com/x", 9).await.is_err());
    assert!(proxy.seen()[0].starts_with("connect example.com:443"), "{:?}", proxy.seen());
}

#[tokio::test]
async fn trusted_http_goes_through_the_tunnel_and_excepted_hosts_do_not() {
    let served = "HTTP/1.1 200 OK\r\n\r\n";
    let tunnelled = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere";
    let proxy = Server::start(vec![Act::Tunnel(served, tunnelled)]);
    let server = Server::start(vec![ok("direct")]);
    let client = with(&server, |settings| {
        settings.trust.prefixes.push("http://elsewhere.example/".to_owned());
        settings.proxy = Some(proxy.root.replace("http://", "http://me:secret@"));
        settings.no_proxy = vec!["127.0.0.0/8".to_owned(), "inside.example".to_owned()];
        settings.attempts = 1;
    });
    assert_eq!(client.get("http://elsewhere.example/x", 9).await.unwrap().body, b"here");
    let seen = proxy.seen();
    assert!(seen[0].starts_with("connect elsewhere.example:80 http/1.1"), "{seen:?}");
    assert!(seen[0].contains("proxy-authorization: basic bwu6c2vjcmv0"), "{seen:?}");
    assert!(seen[1].starts_with("get /x http/1.1") && !seen[1].contains("authorization"), "{seen:?}");
    assert_eq!(client.get(&server.root, 9).await.unwrap().body, b"direct");
    assert!(!format!("{client:?}").contains("secret"));
}

#[test]
fn a_proxy_is_an_http_url() {
    for url in ["socks5://127.0.0.1:1", "ftp://h", "http://", "not a url", ""] {
        let settings = HttpSettings { proxy: Some(url.to_owned()), ..HttpSettings::default() };
        assert!(matches!(HttpClient::new(settings), Err(HttpError::BadUrl { .. })), "{url}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_long_is_an_error() {
    let server = Server::start(vec![status("200 OK", &format!("X: {}\r\n", "x".repeat(128 << 10)), "hello")]);
    let once = with(&server, |settings| settings.attempts = 1);
    assert!(once.get(&server.root, 9).await.unwrap_err().to_string().contains("too large"));
}

#[tokio::test]
async fn further_headers_and_a_content_are_sent() {
    let server = Server::start(vec![ok("answer")]);
    let request = Request {
        accept: Some("application/x-a"),
        headers: &[("Git-Protocol", "version=2")],
        body: Some(("application/x-q", b"question")),
        ..Request::get(&server.root, 9)
    };
    assert_eq!(client(&server).fetch(&request).await.unwrap().body, b"answer");
    let seen = &server.seen()[0];
    assert!(seen.starts_with("post / http/1.1"), "{seen}");
    let agent = concat!("user-agent: cargo2-bot/", env!("CARGO_PKG_VERSION"));
    for line in ["git-protocol: version=2", "accept: application/x-a", "content-type: application/x-q", agent] {
        assert!(seen.lines().any(|found| found == line), "{line} in {seen}");
    }
    let bad = Request { headers: &[("a", "b\nc")], ..Request::get(&server.root, 9) };
    assert!(matches!(client(&server).fetch(&bad).await, Err(HttpError::BadUrl { .. })));
}

/// An exchange that answers with these statuses, headers and contents in turn, and when it was used.
fn scripted(script: Vec<(u16, &'static str, &'static str)>) -> (Exchange, Arc<Mutex<Vec<Instant>>>) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let (script, used) = (Arc::new(Mutex::new(VecDeque::from(script))), times.clone());
    let exchange = service_fn(move |_: http::Request<Full<Bytes>>| {
        used.lock().unwrap().push(Instant::now());
        let next = script.lock().unwrap().pop_front();
        async move {
            let Some((status, retry_after, body)) = next else {
                std::future::pending::<()>().await;
                return Err("never".into());
            };
            let answer = http::Response::builder().status(status).header("retry-after", retry_after);
            Ok(answer.body(Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed()).unwrap())
        }
    });
    (Exchange::new(exchange), times)
}

#[tokio::test(start_paused = true)]
async fn waits_grow_with_jitter_and_the_server_s_own_wins() {
    let (exchange, times) = scripted(vec![(503, "", ""), (503, "", ""), (503, "29", ""), (200, "", "here")]);
    let client = HttpClient::over(exchange, HttpSettings::default());
    assert_eq!(client.get("https://example.com/", 9).await.unwrap().body, b"here");
    let times = times.lock().unwrap().clone();
    let waits: Vec<Duration> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits[0] >= Duration::from_millis(250) && waits[0] <= Duration::from_millis(501), "{waits:?}");
    assert!(waits[1] >= Duration::from_millis(500) && waits[1] <= Duration::from_millis(1001), "{waits:?}");
    assert_eq!(waits[2].as_secs(), 29);
}

#[tokio::test(start_paused = true)]
async fn silence_ends_at_the_deadline_and_no_wait_goes_beyond_it() {
    let begin = Instant::now();
    let client = HttpClient::over(scripted(vec![]).0, HttpSettings::default());
    assert!(matches!(client.get("https://example.com/", 9).await, Err(HttpError::Timeout { .. })));
    assert_eq!(begin.elapsed().as_secs(), 120);
    let deadline = Some(Instant::now() + Duration::from_secs(7));
    let request = Request { deadline, ..Request::get("https://example.com/", 9) };
    assert!(matches!(client.fetch(&request).await, Err(HttpError::Timeout { .. })));
    assert_eq!(begin.elapsed().as_secs(), 127);
    let (exchange, times) = scripted(vec![(429, "8", ""), (200, "", "here")]);
    let client = HttpClient::over(exchange, HttpSettings::default());
    let deadline = Some(Instant::now() + Duration::from_secs(7));
    let request = Request { deadline, ..Request::get("https://example.com/", 9) };
    assert!(matches!(client.fetch(&request).await, Err(HttpError::Status { status: 429, .. })));
    assert_eq!((times.lock().unwrap().len(), begin.elapsed().as_secs()), (1, 127));
}

#[tokio::test]
async fn a_service_in_place_of_the_network_gets_only_what_is_trusted() {
    let (exchange, times) = scripted(vec![(200, "", "here")]);
    let client = HttpClient::over(exchange, HttpSettings::default());
    for url in ["http://example.com/", "https://127.0.0.1/", "https://user@example.com/"] {
        assert!(matches!(client.get(url, 9).await, Err(HttpError::Refused { .. })), "{url}");
    }
    assert!(times.lock().unwrap().is_empty());
}
