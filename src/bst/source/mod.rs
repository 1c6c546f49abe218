//! The files that the sources of an element stage: the layers below a cargo2 source, in order, as values.

mod tracked;

use crate::bst::project::{Project, clean_path, variables::Variables};
use crate::finding::Finding;
use crate::finding::rules;
use crate::text::Location;
use crate::yaml::Node;
pub(crate) use tracked::{GitKind, GitTracking, Tracking, tracking};

/// The content that one source stages. Nothing is fetched or run to determine it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layer {
    /// The folder of its content in the staged tree; empty for the root.
    pub directory: String,
    /// The content.
    pub content: Content,
}

/// The content of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// A commit of a git repository.
    Git(Git),
    /// A file or folder of the project, by its path below the project folder.
    Local(String),
    /// One downloaded file under its name.
    Remote(Download, String),
    /// A downloaded archive, unpacked.
    Archive(Archive),
    /// A patch file of the project, and how many leading folders its names lose.
    Patch(String, u32),
    /// A folder of patches of the project, applied by git in the order of their names.
    PatchQueue(String),
    /// A generated Cargo.lock, in base64.
    GeneratedLock(String),
    /// Stages nothing that matters to a lock: another crate list.
    Crates,
}

/// A pinned commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Git {
    /// The repository, aliases replaced.
    pub url: String,
    /// The commit: 40 lower-case hex digits.
    pub commit: String,
    /// The ref as written: the commit, maybe behind a tag as `git describe` writes it.
    pub pinned: String,
    /// The tracked branch, or pattern of tags.
    pub track: Option<String>,
    /// The patterns of branches and tags that are not tracked.
    pub exclude: Vec<String>,
    /// Whether `track` is a pattern of branches and tags; else it is a branch.
    pub is_pattern: bool,
    /// Whether submodules are staged with it.
    pub submodules: Submodules,
}

/// Whether and from where submodules are staged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Submodules {
    /// They stay empty folders.
    Ignored,
    /// They are staged, from these URLs or from those of `.gitmodules`.
    Staged(Vec<(String, String)>),
}

/// A file to download.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Download {
    /// The URL, aliases replaced.
    pub url: String,
    /// The sha256 that the content must have, in lower-case hex.
    pub sha256: String,
}

/// An archive to unpack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Archive {
    /// The file.
    pub file: Download,
    /// `zip`, else `tar`.
    pub zip: bool,
    /// Which folder of it is staged: a pattern. None for the kind's default.
    pub base_dir: Option<String>,
}

/// The reason why a source is not a layer that can be evaluated.
pub(crate) type Problem = Box<Finding>;

/// Reads one source as a layer. Its texts are expanded with `variables`.
///
/// # Errors
/// A finding on a source that cannot be evaluated.
pub(crate) fn layer(node: &Node, project: &Project, variables: &Variables) -> Result<Layer, Problem> {
    let reader = Reader { node, project, variables };
    let kind = node.get_str("kind").unwrap_or_default();
    let content = match kind {
        "git_repo" | "git" | "git_tag" | "git_module" => Content::Git(reader.git(kind)?),
        "local" => Content::Local(reader.project_path()?),
        "remote" => {
            let file = reader.download()?;
            let name =
                reader.text("filename")?.unwrap_or_else(|| file.url.rsplit('/').next().unwrap_or_default().to_owned());
            Content::Remote(file, name)
        }
        "tar" | "zip" => Content::Archive(Archive {
            file: reader.download()?,
            zip: kind == "zip",
            base_dir: reader.text("base-dir")?,
        }),
        "patch" => {
            let strip = reader
                .text("strip-level")?
                .map_or(Ok(1), |s| s.parse().map_err(|_| reader.cannot("`strip-level` is not a number")))?;
            Content::Patch(reader.project_path()?, strip)
        }
        "patch_queue" => Content::PatchQueue(reader.project_path()?),
        "gen_cargo_lock" | "gen-cargo-lock" => Content::GeneratedLock(reader.need("ref")?),
        "cargo2" | "cargo" => Content::Crates,
        other => {
            return Err(reader.cannot(&format!("sources of the kind `{}` are not known", other.escape_debug())));
        }
    };
    let mut directory = reader.directory()?;
    if kind == "git_module" {
        // A submodule is staged at its own path.
        let path = reader.need("path")?;
        let path =
            clean_path(path.trim_start_matches('/')).ok_or_else(|| reader.cannot("`path` leaves the staged tree"))?;
        directory = if directory.is_empty() { path } else { format!("{directory}/{path}") };
    }
    Ok(Layer { directory, content })
}

/// The folder into which a source stages, cleaned.
///
/// # Errors
/// When it leaves the staged tree.
pub(crate) fn directory(node: &Node, project: &Project, variables: &Variables) -> Result<String, Problem> {
    Reader { node, project, variables }.directory()
}

/// Reads the keys of one source.
struct Reader<'a> {
    node: &'a Node,
    project: &'a Project,
    variables: &'a Variables,
}

impl Reader<'_> {
    fn cannot(&self, why: &str) -> Problem {
        self.cannot_at(why, self.node.location())
    }

    fn cannot_at(&self, why: &str, location: Location) -> Problem {
        let kind = self.node.get_str("kind").unwrap_or("?").escape_debug();
        let finding = Finding::new(
            &rules::CANNOT_EVALUATE,
            format!("the files that this `{kind}` source stages cannot be determined: {why}"),
        );
        Box::new(finding.at(location).help("hand the lock in with `--lock ELEMENT=PATH`"))
    }

    /// The text of a key, the project's configuration of the kind below the source's own, variables expanded.
    fn text(&self, key: &str) -> Result<Option<String>, Problem> {
        let kind = self.node.get_str("kind").unwrap_or_default();
        let Some(value) = self.node.get(key).or_else(|| self.project.source_config(kind)?.get(key)) else {
            return Ok(None);
        };
        let Some(text) = value.as_str() else {
            return Err(self.cannot_at(&format!("`{key}` is not text"), value.location()));
        };
        self.variables.expand(text.trim()).map(Some).map_err(|why| self.cannot_at(&why.to_string(), value.location()))
    }

    /// The texts of a list, as [`Self::text`] has one.
    fn texts(&self, key: &str) -> Result<Vec<String>, Problem> {
        let kind = self.node.get_str("kind").unwrap_or_default();
        let Some(value) = self.node.get(key).or_else(|| self.project.source_config(kind)?.get(key)) else {
            return Ok(Vec::new());
        };
        let Some(items) = value.as_list() else {
            return Err(self.cannot_at(&format!("`{key}` is not a list"), value.location()));
        };
        let one = |item: &Node| {
            let cannot = |why: &str| self.cannot_at(why, item.location());
            let text = item.as_str().ok_or_else(|| cannot(&format!("`{key}` has something that is not text")))?;
            self.variables.expand(text.trim()).map_err(|why| cannot(&why.to_string()))
        };
        items.iter().map(one).collect()
    }

    fn need(&self, key: &str) -> Result<String, Problem> {
        self.text(key)?.filter(|t| !t.is_empty()).ok_or_else(|| self.cannot(&format!("it has no `{key}`")))
    }

    /// BuildStream does not expand variables here.
    fn directory(&self) -> Result<String, Problem> {
        let text = match self.node.get("directory") {
            None => "",
            Some(node) => {
                node.as_str().ok_or_else(|| self.cannot_at("`directory` is not text", node.location()))?.trim()
            }
        };
        clean_path(text.trim_start_matches('/')).ok_or_else(|| self.cannot("`directory` leaves the staged tree"))
    }

    /// A path of the project.
    fn project_path(&self) -> Result<String, Problem> {
        let text = self.need("path")?;
        clean_path(&text).ok_or_else(|| self.cannot("`path` leaves the project"))
    }

    fn url(&self) -> Result<String, Problem> {
        let url = self.need("url")?;
        self.project.translate(&url).map_err(|why| {
            let location = self.node.get("url").map_or_else(|| self.node.location(), Node::location);
            self.cannot_at(&why.to_string(), location)
        })
    }

    fn download(&self) -> Result<Download, Problem> {
        let url = self.url()?;
        let sha256 = self.need("ref")?.to_ascii_lowercase();
        if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(self.cannot("its `ref` is not a sha256"));
        }
        Ok(Download { url, sha256 })
    }

    fn git(&self, kind: &str) -> Result<Git, Problem> {
        let url = self.url()?;
        if self.project.refs_apart && self.node.get("ref").is_none() {
            return Err(self.cannot("its ref is kept in project.refs, which is not read"));
        }
        let text = self.need("ref")?;
        let (commit, _) = commit_of(&text).ok_or_else(|| {
            let place = self.node.get("ref").map_or_else(|| self.node.location(), Node::location);
            Box::new(without_commit(&text, place))
        })?;
        let staged = matches!(kind, "git" | "git_tag")
            && self.text("checkout-submodules")?.is_none_or(|t| !t.eq_ignore_ascii_case("false"));
        let submodules = if staged { Submodules::Staged(self.submodules()?) } else { Submodules::Ignored };
        let (track, exclude, is_pattern) = (self.text("track")?, self.texts("exclude")?, kind == "git_repo");
        Ok(Git { url, commit, pinned: text, track, exclude, is_pattern, submodules })
    }

    /// The URLs that the element names for submodules.
    fn submodules(&self) -> Result<Vec<(String, String)>, Problem> {
        let mut urls = Vec::new();
        for (path, module) in self.node.get("submodules").and_then(Node::as_map).unwrap_or_default() {
            if let (Some(path), Some(url)) = (path.as_str(), module.get_str("url")) {
                let cannot = |why: String| self.cannot_at(&why, module.location());
                let url = self.variables.expand(url).map_err(|why| cannot(why.to_string()))?;
                let url = self.project.translate(&url).map_err(|why| cannot(why.to_string()))?;
                urls.push((path.to_owned(), url));
            }
        }
        Ok(urls)
    }
}

/// The finding on a ref that does not end in a commit. Every place that looks at refs reports the same finding.
#[must_use]
pub(crate) fn without_commit(text: &str, place: Location) -> Finding {
    let message = format!("the ref `{}` does not end in a commit", text.escape_debug());
    let help = "run `bst source track`, or hand the lock in with `--lock ELEMENT=PATH`";
    Finding::new(&rules::REF_WITHOUT_COMMIT, message).at(place).help(help)
}

/// The commit at a ref's end, and the tag when the commit is the tag's own: `v1.2-0-g<sha>` or a bare sha.
#[must_use]
pub(crate) fn commit_of(text: &str) -> Option<(String, Option<String>)> {
    let at = text.len().checked_sub(40).filter(|at| text.is_char_boundary(*at))?;
    let (head, commit) = text.split_at(at);
    if !commit.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f')) {
        return None;
    }
    if head.is_empty() {
        return Some((commit.to_owned(), None));
    }
    let (tag, count) = described(text)?;
    Some((commit.to_owned(), (count == "0").then(|| tag.to_owned())))
}

/// The tag that a ref names before its commit, and the digits that count the commits after it: `v1.2` and `7` of
/// `v1.2-7-g<sha>`.
#[must_use]
pub(crate) fn described(text: &str) -> Option<(&str, &str)> {
    let head = text.get(..text.len().checked_sub(40)?)?;
    let (tag, count) = head.strip_suffix("-g")?.rsplit_once('-')?;
    count.bytes().all(|b| b.is_ascii_digit()).then_some((tag, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceText;
    use std::sync::Arc;

    const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

    fn read(text: &str) -> Result<Layer, String> {
        let conf = "name: p\naliases:\n  x: https://x.example/\nvariables:\n  v: '1.2'\nsources:\n  git_repo:\n    config:\n      track: main\n";
        let project = crate::bst::project::parse(
            &Arc::new(SourceText::new("project.conf", conf)),
            &|_| crate::finding::read::Read::Absent,
            &[],
        )
        .unwrap();
        let node = crate::yaml::parse(&Arc::new(SourceText::new("a.bst", text))).unwrap();
        let variables = project.variables_of("a.bst", None, &project.options);
        layer(&node, &project, &variables).map_err(|f| format!("{} {}", f.location.as_ref().unwrap(), f.message))
    }

    #[test]
    fn refs_end_in_a_commit() {
        assert_eq!(commit_of(SHA), Some((SHA.into(), None)));
        assert_eq!(commit_of(&format!("v1-rc-0-g{SHA}")), Some((SHA.into(), Some("v1-rc".into()))));
        assert_eq!(commit_of(&format!("v1-7-g{SHA}")), Some((SHA.into(), None)));
        for wrong in ["v0.2.15", "", &SHA.to_uppercase(), &format!("v1{SHA}"), &format!("v1-x-g{SHA}")] {
            assert_eq!(commit_of(wrong), None, "{wrong}");
        }
        assert_eq!(described(&format!("v1-rc-17-g{SHA}")), Some(("v1-rc", "17")));
        assert_eq!((described(SHA), described("é-0-g")), (None, None));
    }

    #[test]
    fn aliases_variables_and_project_configuration_are_applied() {
        let Content::Git(git) = read(&format!("kind: git_repo\nurl: x:a-%{{v}}.git\nref: {SHA}\n")).unwrap().content
        else {
            panic!()
        };
        assert_eq!(
            (git.url.as_str(), git.track.as_deref(), git.submodules),
            ("https://x.example/a-1.2.git", Some("main"), Submodules::Ignored)
        );
    }

    #[test]
    fn a_ref_stays_as_it_is_written_and_a_pattern_has_exceptions() {
        let text = |kind: &str, more: &str| format!("kind: {kind}\nurl: x:a\nref: v1-7-g{SHA}\n{more}");
        let git = |text: &str| match read(text).map(|layer| layer.content) {
            Ok(Content::Git(git)) => Ok((git.pinned, git.exclude, git.is_pattern)),
            Ok(other) => Err(format!("{other:?}")),
            Err(why) => Err(why),
        };
        let pinned = format!("v1-7-g{SHA}");
        let exclude = vec!["*-rc*".to_owned(), "v1.2".to_owned()];
        let more = "exclude:\n- '*-rc*'\n- v%{v}\n";
        assert_eq!(git(&text("git_repo", more)), Ok((pinned.clone(), exclude, true)));
        assert_eq!(git(&text("git_tag", "")), Ok((pinned, Vec::new(), false)));
        assert!(git(&text("git_repo", "exclude: x\n")).unwrap_err().contains("`exclude` is not a list"));
        assert!(git(&text("git_repo", "exclude:\n- a: b\n")).unwrap_err().contains("not text"));
    }

    #[test]
    fn what_cannot_be_told_is_said_with_its_place() {
        let gone = format!("kind: git_repo\nurl: y:a\nref: {SHA}\n");
        assert!(
            read(&gone).unwrap_err().starts_with(
                "a.bst:2:6 the files that this `git_repo` source stages cannot be determined: the alias `y`"
            )
        );
        assert_eq!(
            read("kind: git_repo\nurl: x:a\nref: v1.0\n").unwrap_err(),
            "a.bst:3:6 the ref `v1.0` does not end in a commit"
        );
        assert!(read("kind: anitya\n").unwrap_err().contains("the kind `anitya` are not known"));
        assert!(read("kind: local\npath: ../x\n").unwrap_err().contains("leaves the project"));
        assert!(
            read(&format!("kind: local\npath: x\ndirectory: a/../../b\nref: {SHA}\n"))
                .unwrap_err()
                .contains("leaves the staged tree")
        );
    }

    #[test]
    fn a_remote_file_has_the_name_of_its_url_unless_it_is_told_another() {
        let sha = "ab".repeat(32);
        let name = |extra: &str| match read(&format!("kind: remote\nurl: x:d/Cargo.lock\nref: {sha}\n{extra}"))
            .unwrap()
            .content
        {
            Content::Remote(_, name) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!((name("").as_str(), name("filename: L\n").as_str()), ("Cargo.lock", "L"));
    }
}
