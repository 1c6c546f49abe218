//! Requests against a scripted server on the loopback address.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;

use super::*;

/// Answers each connection with the next line of its script, and keeps the requests.
struct Server {
    root: String,
    requests: Arc<Mutex<Vec<String>>>,
}

/// What to do with a connection.
enum Act {
    /// Send these bytes and close.
    Send(String),
    /// Send these bytes one by one with a pause, for ever.
    Drip(&'static str),
    /// Say nothing for a while.
    Stall,
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

fn play(mut stream: TcpStream, act: Act, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
        request.push(byte[0]);
    }
    seen.lock().unwrap().push(String::from_utf8_lossy(&request).to_ascii_lowercase());
    match act {
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

#[test]
fn an_answer_comes_with_its_headers() {
    let server = Server::start(vec![ok("hello")]);
    let response = client(&server).get(&format!("{}x?y=z", server.root), 5).unwrap();
    assert_eq!(response.body, b"hello");
    assert_eq!((response.head.status, response.head.etag.as_deref()), (200, Some("\"e\"")));
    let request = &server.seen()[0];
    assert!(request.starts_with("get /x?y=z http/1.1") && !request.contains("authorization"), "{request}");
}

#[test]
fn an_answer_that_did_not_change_has_no_content() {
    let server = Server::start(vec![status("304 Not Modified", "", "")]);
    let request = Request { etag: Some("\"e\""), ..Request::get(&server.root, 10) };
    assert_eq!(client(&server).fetch(&request).unwrap().head.status, 304);
    assert!(server.seen()[0].contains("if-none-match: \"e\""));
}

#[test]
fn too_long_an_answer_is_an_error_whether_announced_or_not() {
    let unannounced = Act::Send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n123456".to_owned());
    let server = Server::start(vec![ok("123456"), unannounced]);
    for _ in 0..2 {
        assert!(matches!(client(&server).get(&server.root, 5), Err(HttpError::TooLarge { limit: 5, .. })));
    }
}

#[test]
fn a_download_is_written_and_counted() {
    let server = Server::start(vec![ok("123456"), ok("123456")]);
    let mut file = Vec::new();
    assert_eq!(client(&server).download(&server.root, 6, &mut file), Ok(6));
    assert_eq!(file, b"123456");
    assert!(client(&server).download(&server.root, 5, &mut file).is_err());
}

#[test]
fn passing_faults_are_outlasted() {
    let cut = Act::Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhe".to_owned());
    let busy = status("429 Too Many", "Retry-After: 0\r\n", "");
    let server = Server::start(vec![status("503 Busy", "", ""), Act::Close, busy, cut, ok("hello")]);
    let patient = with(&server, |settings| settings.attempts = 5);
    assert_eq!(patient.get(&server.root, 99).unwrap().body, b"hello");
}

#[test]
fn attempts_and_the_common_budget_are_bounded() {
    let busy = || status("503 Busy", "", "");
    let server = Server::start((0..9).map(|_| busy()).collect());
    let client = with(&server, |settings| settings.retry_budget = 4);
    for _ in 0..2 {
        assert!(matches!(client.get(&server.root, 9), Err(HttpError::Status { status: 503, .. })));
    }
    assert_eq!(server.seen().len(), 2 + 4, "4 attempts of the first, and 2 of the second, whose budget ran out");
}

#[test]
fn a_long_retry_after_and_a_client_error_are_not_retried() {
    let server = Server::start(vec![status("503 Busy", "Retry-After: 3600\r\n", ""), status("404 No", "", "")]);
    assert!(matches!(client(&server).get(&server.root, 9), Err(HttpError::Status { status: 503, .. })));
    assert!(matches!(client(&server).get(&server.root, 9), Err(HttpError::Status { status: 404, .. })));
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn a_silent_and_a_dripping_server_time_out() {
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let server = Server::start(vec![Act::Stall, Act::Drip(head)]);
    let begin = Instant::now();
    let hasty = with(&server, |settings| {
        settings.total_timeout = Duration::from_millis(700);
    });
    assert!(matches!(hasty.get(&server.root, 9), Err(HttpError::Timeout { .. })));
    assert!(matches!(hasty.get(&server.root, 1 << 20), Err(HttpError::Timeout { .. })));
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let to = |place: &str| status("302 Found", &format!("Location: {place}\r\n"), "");
    let server = Server::start(vec![to("/a/b"), to("c"), ok("here")]);
    let response = client(&server).get(&server.root, 9).unwrap();
    assert_eq!((response.body.as_slice(), response.head.url), (b"here".as_slice(), format!("{}a/c", server.root)));
    let circle = Server::start((0..9).map(|_| to("/")).collect());
    assert!(matches!(client(&circle).get(&circle.root, 9), Err(HttpError::Redirect { .. })));
    assert_eq!(circle.seen().len(), 6);
}

#[test]
fn a_redirect_is_checked_like_a_first_url() {
    let inside = Server::start(vec![ok("secret")]);
    for place in [inside.root.clone(), inside.root.replace("http:", "https:"), "file:///etc/passwd".to_owned()] {
        let server = Server::start(vec![status("302 Found", &format!("Location: {place}\r\n"), "")]);
        assert!(client(&server).get(&server.root, 9).is_err(), "{place} was fetched");
    }
    assert!(inside.seen().is_empty());
}

#[test]
fn a_post_is_not_redirected() {
    let server = Server::start(vec![status("307 Elsewhere", "Location: /b\r\n", "")]);
    let request = Request { body: Some(("text/plain", b"x")), ..Request::get(&server.root, 9) };
    assert!(matches!(client(&server).fetch(&request), Err(HttpError::Redirect { .. })));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_name_that_resolves_into_the_network_is_refused_when_it_is_connected() {
    let server = Server::start(vec![ok("secret")]);
    let client = HttpClient::new(HttpSettings::default()).unwrap();
    let uri: http::Uri = server.root.replace("127.0.0.1", "localhost").parse().unwrap();
    // Past the check of the URL, as a name that lies about itself would be.
    let target = Target { uri, may_be_private: false };
    let soon = Instant::now() + Duration::from_secs(3);
    let error = client.exchange(&target, &Request::get("x", 9), soon).err();
    assert!(matches!(error, Some(HttpError::Refused { .. })), "{error:?}");
    assert!(server.seen().is_empty());
}

#[test]
fn a_connection_into_the_network_is_never_reused_for_an_untrusted_url() {
    let keep = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx".to_owned();
    let server = Server::start(vec![Act::Send(keep)]);
    let trusted = format!("{}team/", server.root);
    let client = with(&server, |settings| {
        settings.trust.prefixes = vec![trusted.clone()];
    });
    assert!(client.get(&trusted, 9).is_ok());
    let target = Target { uri: server.root.parse().unwrap(), may_be_private: false };
    let soon = Instant::now() + Duration::from_secs(3);
    assert!(matches!(client.exchange(&target, &Request::get("x", 9), soon), Err(HttpError::Refused { .. })));
}

#[test]
fn the_proxy_may_live_inside_the_network() {
    let proxy = Server::start(vec![status("403 Forbidden", "", "")]);
    let client = with(&proxy, |settings| {
        settings.proxy = Some(proxy.root.clone());
        settings.attempts = 1;
    });
    assert!(client.get("https://example.com/x", 9).is_err());
    assert!(proxy.seen()[0].starts_with("connect example.com:443"), "{:?}", proxy.seen());
}
