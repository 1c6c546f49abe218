//! The text of a new element, in the structure of the packaging guide and of the elements that follow it.

use super::Request;
use crate::yaml::quote::scalar;

/// The element. `bin` is a plain name.
pub(super) fn element(request: &Request<'_>, bin: &str) -> String {
    let mut out = format!(
        "kind: make

build-depends:
- freedesktop-sdk.bst:components/rust.bst
- freedesktop-sdk.bst:public-stacks/buildsystem-make.bst

depends:
- freedesktop-sdk.bst:public-stacks/runtime-minimal.bst

config:
  build-commands:
  - cargo build --release --locked --bin {bin}

  install-commands:
  - install -Dm755 target/release/{bin} \"%{{install-root}}%{{bindir}}/{bin}\"
"
    );
    if request.service {
        out.push_str(&service(bin));
    }
    out.push_str("\nsources:\n- kind: git_repo\n");
    for (key, value) in [("url", request.url), ("track", request.track), ("ref", request.git_ref)] {
        out.push_str(&format!("  {key}: {}\n", scalar(value)));
    }
    out.push_str("- kind: cargo2\n");
    if let Some(url) = request.crates_url {
        out.push_str(&format!("  url: {}\n", scalar(url)));
    }
    let open = if request.block.is_empty() { "  ref: []\n" } else { "  ref:\n" };
    out.push_str(open);
    out.push_str(request.block);
    out
}

/// The unit and the preset that enables it.
fn service(bin: &str) -> String {
    format!(
        "  - |
    install -Dm644 /dev/stdin \"%{{install-root}}%{{indep-libdir}}/systemd/system/{bin}.service\" <<'SERVICE'
    [Unit]
    Description={bin}
    After=network.target

    [Service]
    ExecStart=/usr/bin/{bin}
    Restart=on-failure

    [Install]
    WantedBy=multi-user.target
    SERVICE
  - |
    install -Dm644 /dev/stdin \"%{{install-root}}%{{indep-libdir}}/systemd/system-preset/80-{bin}.preset\" <<'PRESET'
    enable {bin}.service
    PRESET
"
    )
}
