//! Addresses that the project's own files name: nobody trusts them, and nothing is sent to what is not in the open internet.

use crate::canary::SECRET;
use crate::case::Must::{Fail, Find, Refuse};
use crate::lab::{Ended, Lab};
use crate::served::ok;

cases! {
    a_name_for_this_machine: "the name of this machine" => Find("lock-unavailable", "refused to fetch https://localhost/p.tar.gz: it is an address inside"), |lab| at(lab, "https://localhost/p.tar.gz");
    a_name_below_this_machine: "a name below that of this machine" => Find("lock-unavailable", "refused to fetch https://a.localhost./p.tar.gz: it is an address"), |lab| at(lab, "https://a.localhost./p.tar.gz");
    a_loopback_address: "a loopback address" => Find("lock-unavailable", "refused to fetch https://127.0.0.1/p.tar.gz: it is an address inside"), |lab| at(lab, "https://127.0.0.1/p.tar.gz");
    a_short_loopback_address: "a loopback address of two numbers" => Find("lock-unavailable", "refused to fetch https://127.1/p.tar.gz: it is an address inside the"), |lab| at(lab, "https://127.1/p.tar.gz");
    a_loopback_address_as_a_number: "a loopback address that is one number" => Find("lock-unavailable", "refused to fetch https://2130706433/p.tar.gz: it is an address inside"), |lab| at(lab, "https://2130706433/p.tar.gz");
    a_loopback_address_in_hex: "a loopback address in hexadecimal" => Find("lock-unavailable", "refused to fetch https://0x7f.0x0.0x0.0x1/p.tar.gz: it is an address"), |lab| at(lab, "https://0x7f.0x0.0x0.0x1/p.tar.gz");
    a_loopback_address_in_octal: "a loopback address in octal" => Find("lock-unavailable", "refused to fetch https://0177.0.0.1/p.tar.gz: it is an address inside"), |lab| at(lab, "https://0177.0.0.1/p.tar.gz");
    a_loopback_address_of_the_sixth_version: "a loopback address of IPv6" => Find("lock-unavailable", "refused to fetch https://[::1]/p.tar.gz: it is an address inside the"), |lab| at(lab, "https://[::1]/p.tar.gz");
    a_mapped_address: "a loopback address in one of IPv6" => Find("lock-unavailable", "refused to fetch https://[::ffff:127.0.0.1]/p.tar.gz: it is an"), |lab| at(lab, "https://[::ffff:127.0.0.1]/p.tar.gz");
    a_translated_address: "a private address behind a translation" => Find("lock-unavailable", "refused to fetch https://[64:ff9b::10.0.0.1]/p.tar.gz: it is an"), |lab| at(lab, "https://[64:ff9b::10.0.0.1]/p.tar.gz");
    a_zone: "an address with a zone" => Find("lock-unavailable", "cannot fetch https://[fe80::1%25lo]/p.tar.gz: its host is not an"), |lab| at(lab, "https://[fe80::1%25lo]/p.tar.gz");
    the_metadata_of_clouds: "the address of a cloud's metadata" => Find("lock-unavailable", "refused to fetch https://169.254.169.254/latest/meta-data/: it is an"), |lab| at(lab, "https://169.254.169.254/latest/meta-data/");
    the_platform_of_a_cloud: "the platform address of the hosted runners" => Find("lock-unavailable", "refused to fetch https://168.63.129.16/machine/: it is an address"), |lab| at(lab, "https://168.63.129.16/machine/");
    a_private_address: "a private address" => Find("lock-unavailable", "refused to fetch https://10.0.0.1:8080/p.tar.gz: it is an address"), |lab| at(lab, "https://10.0.0.1:8080/p.tar.gz");
    the_address_of_nothing: "the address of no host" => Find("lock-unavailable", "refused to fetch https://0.0.0.0/p.tar.gz: it is an address inside"), |lab| at(lab, "https://0.0.0.0/p.tar.gz");
    wide_digits: "a loopback address in the digits of another script" => Find("lock-unavailable", "it is not a URL"), |lab| at(lab, "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/p.tar.gz");
    another_dot: "a loopback address with another dot" => Find("lock-unavailable", "it is not a URL"), |lab| at(lab, "https://127\u{3002}0\u{3002}0\u{3002}1/p.tar.gz");
    an_international_name: "a host of another alphabet" => Find("lock-unavailable", "it is not a URL"), |lab| at(lab, "https://ex\u{430}mple.org/p.tar.gz");
    no_encryption: "an address without encryption" => Find("lock-unavailable", "refused to fetch http://example.org/p.tar.gz: only https is fetched;"), |lab| at(lab, "http://example.org/p.tar.gz");
    a_host_that_is_running: "a running host that the command line does not name" => Find("lock-unavailable", "it is an address inside the network"), |lab| running(lab);
    credentials: "an address with a password" => Find("lock-unavailable", "refused to fetch https://example.org/p.tar.gz: it carries user"), |lab| at(lab, &format!("https://me:{SECRET}@example.org/p.tar.gz"));
    a_host_behind_credentials: "an address whose host looks like another one" => Find("lock-unavailable", "refused to fetch https://127.0.0.1/p.tar.gz: it carries user"), |lab| at(lab, "https://example.org@127.0.0.1/p.tar.gz");
    a_backslash: "an address with a backslash before the host" => Find("lock-unavailable", "cannot fetch https://127.0.0.1/p.tar.gz: it is not a URL"), |lab| at(lab, "https://example.org\\\\@127.0.0.1/p.tar.gz");
    a_line_end: "an address that goes on in the next line" => Find("lock-unavailable", "it is not a URL"), |lab| quoted(lab, "https://example.org/\\r\\nHost: evil\\r\\n\\r\\n");
    a_space: "an address with a space in its host" => Find("lock-unavailable", "it is not a URL"), |lab| at(lab, "https://example.org evil/p.tar.gz");
    a_port_beyond_all: "an address with a port that is none" => Find("lock-unavailable", "cannot fetch https://example.org:99999/p.tar.gz: its port is none"), |lab| at(lab, "https://example.org:99999/p.tar.gz");
    no_host: "an address without a host" => Find("lock-unavailable", "cannot fetch https:///p.tar.gz: it is not a URL"), |lab| at(lab, "https:///p.tar.gz");
    an_address_of_megabytes: "an address of a megabyte" => Find("lock-unavailable", "it is not a URL"), |lab| at(lab, &format!("https://example.org/{}", "x".repeat(1 << 20)));
    another_scheme: "an address of another scheme" => Find("lock-unavailable", "cannot fetch ftp://example.org/p.tar.gz: only https can be fetched"), |lab| at(lab, "ftp://example.org/p.tar.gz");
    a_file: "a file of this machine" => Find("lock-unavailable", "cannot fetch file:///etc/passwd: it is not a URL"), |lab| at(lab, "file:///etc/passwd");
    a_scheme_of_old_browsers: "an address that is its own content" => Find("cannot-evaluate", "the alias `data` is not defined in project.conf"), |lab| at(lab, "data:text/plain,version%20=%204");
    an_alias_of_an_alias: "an alias of the project that leads to this machine" => Find("lock-unavailable", "only https is fetched; name it on the command line to trust it"), |lab| aliased(lab);
    a_secret_in_the_command_line: "a password in an alias of the command line" => Find("lock-unavailable", "it carries user information, and credentials are never sent"), |lab| commanded(lab);
    an_index_with_a_password: "an index whose address has a password" => Find("crate-not-verified", "a 1.1.0` is not verified: the index did not answer"), |lab| crate::registry::review(lab, &format!("https://me:{SECRET}@example.org/"), &crate::support::sha("a", "1.1.0"), &[]);
    a_proxy_that_is_none: "a proxy of another scheme" => Fail("cannot fetch socks5://127.0.0.1:1: it is not the URL of a proxy"), |lab| proxied(lab, "socks5://127.0.0.1:1");
    a_proxy_with_a_password: "a proxy with a password, which is in no text" => Find("lock-unavailable", "tunnel error: failed to create underlying connection"), |lab| proxied(lab, &format!("http://me:{SECRET}@127.0.0.1:9"));
    a_folder_that_is_none: "a project that is a device" => Refuse("/dev/null` is not a folder; name the project's folder with --project"), |lab| lab.run_as(&["--project", "/dev/null", "regenerate"], &[]);
}

fn element(url: &str) -> String {
    format!("kind: make\nsources:\n- kind: tar\n  url: {url}\n  ref: {}\n- kind: cargo2\n  ref: []\n", "0".repeat(64))
}

/// Regenerates an element over an archive at an address.
fn at(lab: &Lab, url: &str) -> Ended {
    lab.write("elements/a.bst", element(&format!("'{url}'")));
    lab.run(&["regenerate"])
}

fn quoted(lab: &Lab, url: &str) -> Ended {
    lab.write("elements/a.bst", element(&format!("\"{url}\"")));
    lab.run(&["regenerate"])
}

fn running(lab: &Lab) -> Ended {
    let url = lab.host(|_| ok(b"x"));
    let ended = at(lab, &format!("{}p.tar.gz", url.replace("http:", "https:")));
    assert_eq!(lab.requests(), 0);
    ended
}

fn aliased(lab: &Lab) -> Ended {
    let url = lab.host(|_| ok(b"x"));
    lab.write("project.conf", format!("name: p\nelement-path: elements\naliases:\n  up: {url}\n"));
    let ended = at(lab, "up:p.tar.gz");
    assert_eq!(lab.requests(), 0);
    ended
}

fn commanded(lab: &Lab) -> Ended {
    let url = lab.host(|_| ok(b"x"));
    lab.alias("up", &url.replace("http://", &format!("http://me:{SECRET}@")));
    let ended = at(lab, "up:p.tar.gz");
    assert_eq!(lab.requests(), 0);
    ended
}

fn proxied(lab: &Lab, proxy: &str) -> Ended {
    lab.write("elements/a.bst", element("https://example.org/p.tar.gz"));
    let project = lab.at("project");
    let args = ["--project", project.to_str().unwrap(), "regenerate"];
    lab.run_as(&args, &[("https_proxy", proxy.to_owned())])
}
