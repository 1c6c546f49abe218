//! Hosts that the command line trusts, and that send the program elsewhere.

use crate::case::Must::{Fail, Find, Pass};
use crate::git_http::{Fault, Fixture, GitServer};
use crate::lab::{CRATES, Ended, Lab};
use crate::packed::{Tar, gzip};
use crate::served::{Reply, answer, ok, redirect};
use crate::support::lock;
use sha2::Digest as _;

cases! {
    a_redirect_inside: "a redirect to another path of the same host" => Pass("1 regenerated"), |lab| inside(lab);
    a_redirect_to_itself: "a redirect to itself" => Find("lock-unavailable", "redirects, which was not followed: it is one of more than 5 in a row"), |lab| to(lab, "/p.tar.gz");
    redirects_without_an_end: "redirects to ever longer addresses" => Find("lock-unavailable", "redirects, which was not followed: it is one of more than 5 in a row"), |lab| growing(lab);
    a_redirect_to_nowhere: "a redirect without a target" => Find("lock-unavailable", "redirects, which was not followed: it does not say where to"), |lab| replied(lab, || answer("302 Found", "", b""));
    a_redirect_to_another_host: "a redirect to another host of this machine" => Find("lock-unavailable", "only https is fetched; name it on the command line to trust it"), |lab| elsewhere(lab, "http");
    a_redirect_to_an_encrypted_host: "a redirect to another host of this machine, encrypted" => Find("lock-unavailable", "it is an address inside the network; allow its host in the"), |lab| elsewhere(lab, "https");
    a_redirect_to_metadata: "a redirect to the metadata of a cloud" => Find("lock-unavailable", "refused to fetch http://169.254.169.254/latest/meta-data/iam/: only"), |lab| to(lab, "http://169.254.169.254/latest/meta-data/iam/");
    a_redirect_to_the_platform: "a redirect to the platform of the hosted runners" => Find("lock-unavailable", "refused to fetch https://168.63.129.16/: it is an address inside the"), |lab| to(lab, "https://168.63.129.16/");
    a_redirect_to_a_private_address: "a redirect to a private address" => Find("lock-unavailable", "refused to fetch https://192.168.0.1/: it is an address inside the"), |lab| to(lab, "https://192.168.0.1/");
    a_redirect_to_a_number: "a redirect to an address that is one number" => Find("lock-unavailable", "refused to fetch https://2130706433/: it is an address inside the"), |lab| to(lab, "https://2130706433/");
    a_redirect_to_a_file: "a redirect to a file" => Find("lock-unavailable", "cannot fetch file:///etc/passwd: it is not a URL"), |lab| to(lab, "file:///etc/passwd");
    a_redirect_to_another_scheme: "a redirect to another scheme" => Find("lock-unavailable", "cannot fetch gopher://127.0.0.1:25/x: only https can be fetched"), |lab| to(lab, "gopher://127.0.0.1:25/x");
    a_redirect_with_a_password: "a redirect to an address with a password" => Find("lock-unavailable", "refused to fetch https://example.org/: it carries user information,"), |lab| to(lab, "https://me:word@example.org/");
    a_redirect_without_a_scheme: "a redirect to an address without its scheme" => Find("lock-unavailable", "refused to fetch http://10.0.0.1/x: only https is fetched; name it on"), |lab| to(lab, "//10.0.0.1/x");
    a_redirect_of_bytes: "a redirect to bytes that are no text" => Find("lock-unavailable", "redirects, which was not followed: it does not say where to"), |lab| replied(lab, || Reply::Whole(b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\nContent-Length: 0\r\n\r\n".to_vec()));
    a_redirect_of_megabytes: "a redirect to an address of a megabyte" => Find("lock-unavailable", "client error (SendRequest): message head is too large"), |lab| replied(lab, || redirect(&format!("/{}", "x".repeat(1 << 20))));
    a_repository_that_redirects: "a repository that redirects to this machine" => Find("lock-unavailable", "only https is fetched; name it on the command line to trust it"), |lab| repository(lab, |to| to);
    a_repository_that_redirects_to_a_name: "a repository that redirects to the name of this machine" => Find("lock-unavailable", "Cargo.lock` cannot be read: refused to fetch"), |lab| repository(lab, |to| to.replace("127.0.0.1", "localhost"));
    an_index_that_redirects: "an index that redirects to the metadata of a cloud" => Find("crate-not-verified", "a 1.1.0` is not verified: the index did not answer"), |lab| crate::registry::reviewed(lab, |_| redirect("http://169.254.169.254/"));
    an_api_that_redirects: "an API that redirects to another host" => Fail("GitHub refused to list the pull requests with status 302"), |lab| api(lab);
}

fn element(sum: &str) -> String {
    format!("kind: make\nsources:\n- kind: tar\n  url: up:p.tar.gz\n  ref: {sum}\n- kind: cargo2\n  ref: []\n")
}

/// Regenerates an element over an archive of a host that answers so.
fn over(lab: &Lab, sum: &str, answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Ended {
    let url = lab.host(answer);
    lab.alias("up", &url);
    lab.write("elements/a.bst", element(sum));
    lab.run(&["regenerate"])
}

fn replied(lab: &Lab, reply: impl Fn() -> Reply + Send + Sync + 'static) -> Ended {
    over(lab, &"0".repeat(64), move |_| reply())
}

fn to(lab: &Lab, to: &'static str) -> Ended {
    let ended = replied(lab, move || redirect(to));
    assert!(lab.requests() <= 12, "{} requests", lab.requests());
    ended
}

fn growing(lab: &Lab) -> Ended {
    let ended = over(lab, &"0".repeat(64), |path| redirect(&format!("{path}{path}")));
    assert!(lab.requests() <= 12, "{} requests", lab.requests());
    ended
}

fn inside(lab: &Lab) -> Ended {
    let bytes = gzip(&Tar::new().file("p/Cargo.lock", lock(CRATES).as_bytes()).end());
    let sum: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    over(lab, &sum, move |path| if path == "/p.tar.gz" { redirect("/moved") } else { ok(&bytes) })
}

fn elsewhere(lab: &Lab, scheme: &str) -> Ended {
    let other = lab.host(|_| ok(b"x")).replace("http:", &format!("{scheme}:"));
    let ended = replied(lab, move || redirect(&other));
    assert_eq!(lab.requests(), 1);
    ended
}

fn repository(lab: &Lab, other: impl Fn(String) -> String) -> Ended {
    let fixture = Fixture::new();
    let commit = fixture.commit("main", &[("Cargo.lock", crate::git_http::Item::File(b"version = 4\n"))]);
    let (first, second) = (GitServer::start(&fixture.path()), GitServer::start(&fixture.path()));
    first.fault(Fault::Redirect(other(second.root())));
    lab.alias("up", &lab.server(first));
    let git = format!("- kind: git_repo\n  url: up:repo.git\n  ref: {commit}\n");
    lab.write("elements/a.bst", format!("kind: make\nsources:\n{git}- kind: cargo2\n  ref: []\n"));
    let ended = lab.run(&["regenerate"]);
    assert_eq!(second.requests(), 0);
    ended
}

/// A run whose API is elsewhere: the token must not follow.
fn api(lab: &Lab) -> Ended {
    let other = lab.host(|_| ok(b"{}"));
    let api = crate::served::Foreign::start(move |_| redirect(&other));
    let variables = [
        ("GITHUB_API_URL", api.url().trim_end_matches('/').to_owned()),
        ("GITHUB_REPOSITORY", "owner/name".to_owned()),
        ("GITHUB_EVENT_NAME", "workflow_dispatch".to_owned()),
    ];
    let project = lab.at("project");
    let ended = lab.run_as(&["run", "--project", project.to_str().unwrap()], &variables);
    assert_eq!(lab.requests(), 0, "the other host was asked");
    assert!(!api.seen().is_empty());
    ended
}
