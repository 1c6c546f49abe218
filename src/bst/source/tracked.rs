//! What `bst source track` does with a source, as a value.

use super::{Problem, Reader};
use crate::bst::project::{Project, clean_path, variables::Variables};
use crate::yaml::Node;

/// What tracking a source means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tracking {
    /// It has no ref that could move.
    Nothing,
    /// The ref of a git source.
    Git(GitTracking),
    /// Only BuildStream can do it, for this reason.
    Unable(&'static str),
    /// BuildStream makes a new `Cargo.lock`, with the host's cargo.
    GeneratedLock,
}

/// A git source that is tracked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GitTracking {
    /// The plugin, which decides how a ref is chosen and written.
    pub kind: GitKind,
    /// The repository, aliases replaced.
    pub url: String,
    /// The `ref` as it is, where there is one.
    pub pinned: Option<String>,
    /// The branch, tag or pattern; empty for a submodule.
    pub track: String,
    /// The patterns of branches and tags that are not tracked.
    pub exclude: Vec<String>,
    /// Whether the ref is written as `git describe` writes it.
    pub describe: bool,
}

/// The plugins that read git repositories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GitKind {
    /// `git_repo`.
    Repo,
    /// `git`.
    Git,
    /// `git_tag`.
    Tag {
        /// Further branches; the latest commit of all is taken.
        extra: Vec<String>,
        /// Whether the latest tag of a branch is taken instead of its latest commit.
        tags: bool,
        /// The patterns of tags; empty for all.
        matching: Vec<String>,
    },
    /// `git_module`: the commit that the sources before name at this path of the staged tree.
    Module(String),
}

/// Reads what a source tracks.
///
/// # Errors
/// A finding on a source whose keys cannot be evaluated.
pub(crate) fn tracking(node: &Node, project: &Project, variables: &Variables) -> Result<Tracking, Problem> {
    let reader = Reader { node, project, variables };
    let kind = node.get_str("kind").unwrap_or_default();
    let git = match kind {
        "git_repo" => GitKind::Repo,
        "git" if reader.flag("track-tags")? => {
            return Ok(Tracking::Unable("it records tags, which BuildStream lists in no fixed order"));
        }
        "git" => GitKind::Git,
        "git_tag" => GitKind::Tag {
            extra: reader.texts("track-extra")?,
            tags: reader.flag("track-tags")?,
            matching: reader.texts("match")?,
        },
        "git_module" => {
            let path = clean_path(reader.need("path")?.trim_start_matches('/'));
            GitKind::Module(path.ok_or_else(|| reader.cannot("`path` leaves the staged tree"))?)
        }
        "local" | "patch" | "patch_queue" | "cargo" | "cargo2" => return Ok(Tracking::Nothing),
        "gen_cargo_lock" | "gen-cargo-lock" => return Ok(Tracking::GeneratedLock),
        "tar" | "zip" | "remote" => {
            return Ok(Tracking::Unable("its URL is fixed, and BuildStream only downloads the file again"));
        }
        _ => return Ok(Tracking::Unable("sources of this kind are tracked by BuildStream alone")),
    };
    let is_module = matches!(git, GitKind::Module(_));
    let Some(track) = reader.text("track")?.filter(|track| !track.is_empty()).or(is_module.then(String::new)) else {
        return Ok(Tracking::Nothing);
    };
    if project.refs_apart {
        return Ok(Tracking::Unable("its ref is kept in project.refs, which is not written"));
    }
    let describe = match reader.text("ref-format")?.as_deref() {
        None | Some("sha1") => false,
        Some("git-describe") => true,
        Some(_) => return Err(reader.cannot("`ref-format` is neither `sha1` nor `git-describe`")),
    };
    Ok(Tracking::Git(GitTracking {
        url: reader.url()?,
        pinned: reader.text("ref")?.filter(|text| !text.is_empty()),
        track,
        exclude: reader.texts("exclude")?,
        describe,
        kind: git,
    }))
}

impl Reader<'_> {
    /// A switch that is off unless it is written.
    fn flag(&self, key: &str) -> Result<bool, Problem> {
        match self.text(key)?.as_deref() {
            None | Some("false" | "False") => Ok(false),
            Some("true" | "True") => Ok(true),
            Some(_) => Err(self.cannot(&format!("`{key}` is neither true nor false"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::read::Read;
    use crate::text::SourceText;
    use std::sync::Arc;

    fn read(conf: &str, text: &str) -> Result<Tracking, String> {
        let conf = format!("name: p\naliases:\n  x: https://x.example/\nvariables:\n  v: '1.2'\n{conf}");
        let conf = Arc::new(SourceText::new("project.conf", conf));
        let project = crate::bst::project::parse(&conf, &|_| Read::Absent, &[]).unwrap();
        let node = crate::yaml::parse(&Arc::new(SourceText::new("a.bst", text))).unwrap();
        let variables = project.variables_of("a.bst", None, &project.options);
        tracking(&node, &project, &variables).map_err(|finding| finding.message)
    }

    fn git(conf: &str, text: &str) -> GitTracking {
        match read(conf, text) {
            Ok(Tracking::Git(git)) => git,
            other => panic!("{other:?}"),
        }
    }

    const DEFAULTS: &str = "sources:\n  git_repo:\n    config:\n      track: main\n      ref-format: git-describe\n";

    #[test]
    fn the_projects_defaults_count_and_the_sources_own_keys_win() {
        let repo = git(DEFAULTS, "kind: git_repo\nurl: x:a-%{v}.git\n");
        assert_eq!((repo.url.as_str(), repo.track.as_str()), ("https://x.example/a-1.2.git", "main"));
        assert!(repo.describe && repo.pinned.is_none() && repo.kind == GitKind::Repo);
        let own = git(DEFAULTS, "kind: git_repo\nurl: x:a\ntrack: v*\nref-format: sha1\nexclude: ['*-rc*']\n");
        assert!(!own.describe && own.track == "v*" && own.exclude == ["*-rc*"]);
        let tag = git("", "kind: git_tag\nurl: x:a\ntrack: main\ntrack-extra: [b]\ntrack-tags: True\nmatch: [v*]\n");
        let matching = vec!["v*".to_owned()];
        assert_eq!(tag.kind, GitKind::Tag { extra: vec!["b".into()], tags: true, matching });
        assert_eq!(git("", "kind: git_module\nurl: x:a\npath: /sub\n").kind, GitKind::Module("sub".into()));
    }

    #[test]
    fn what_only_buildstream_can_do_is_said() {
        for (conf, text) in [
            ("", "kind: tar\nurl: x:a.tar\n"),
            ("", "kind: remote\nurl: x:a\n"),
            ("", "kind: git\nurl: x:a\ntrack: main\ntrack-tags: true\n"),
            ("", "kind: anitya\n"),
            ("ref-storage: project.refs\n", "kind: git_repo\nurl: x:a\ntrack: main\n"),
        ] {
            assert!(matches!(read(conf, text), Ok(Tracking::Unable(_))), "{text}");
        }
        assert_eq!(read("", "kind: git_repo\nurl: x:a\nref: v1\n"), Ok(Tracking::Nothing));
        assert_eq!(read("", "kind: patch\npath: p\n"), Ok(Tracking::Nothing));
        assert_eq!(read("", "kind: gen_cargo_lock\n"), Ok(Tracking::GeneratedLock));
        assert!(read("", "kind: git_repo\nurl: x:a\ntrack: m\nref-format: short\n").is_err());
        assert!(read("", "kind: git_tag\nurl: x:a\ntrack: m\ntrack-tags: perhaps\n").is_err());
        assert!(read("", "kind: git_repo\nurl: y:a\ntrack: m\n").is_err());
    }
}
