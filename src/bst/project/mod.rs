//! `project.conf`: the folder of the elements, the aliases, and the settings that all cargo2 sources share.

pub(crate) mod compose;
pub(crate) mod options;
pub(crate) mod variables;

use crate::finding::read::Read;
use crate::text::{Location, SourceText};
use crate::yaml::{self, Node};
use compose::{Composed, Gap, ReadFile};
use options::Options;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use variables::Variables;

/// The name of the file that makes a folder a project.
pub const PROJECT_CONF: &str = "project.conf";

/// A BuildStream project, as far as its own files say.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// The folder of the elements, without a slash at its end; empty for the project folder itself.
    pub element_path: String,
    /// The URL of each alias.
    pub aliases: BTreeMap<String, String>,
    /// Further URLs of aliases, from `mirrors`: places that the project trusts to have the same.
    pub mirrors: BTreeMap<String, Vec<String>>,
    /// The options and their defaults.
    pub options: Options,
    /// The `sources:` configuration, by kind.
    pub sources: Option<Node>,
    /// The `variables:` of the project.
    pub variables: Option<Node>,
    /// Whether refs are kept in `project.refs` instead of the elements.
    pub refs_apart: bool,
    /// The parts of it that are not known.
    pub gaps: Vec<Gap>,
    /// The files that it is read from, for all architectures: project.conf and what that includes of the project's own.
    pub files: BTreeSet<String>,
    /// The project as each declared architecture sees it, where conditions make a difference or variables carry it.
    pub variants: Vec<(String, Self)>,
    /// The text of project.conf as it was written: nothing is included or decided in it.
    pub(crate) tree: Arc<Node>,
}

/// The reason why a folder is not a project that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The problem.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.location {
            Some(location) => write!(f, "{location}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

/// Reads a project. `aliases` are those of the command line; they win.
///
/// # Errors
/// When project.conf is not there, or is not YAML as BuildStream reads it.
pub fn read(read: &ReadFile<'_>, aliases: &[(String, String)]) -> Result<Project, Error> {
    match read(PROJECT_CONF) {
        Read::Known(file) => parse(&file, read, aliases),
        Read::Unreadable(why) => Err(Error { message: why.into(), location: None }),
        Read::Absent => Err(Error {
            message: "there is no project.conf here; name the project's folder with --project DIR".into(),
            location: None,
        }),
    }
}

/// Reads the text of project.conf.
///
/// # Errors
/// When it is not YAML as BuildStream reads it.
pub fn parse(file: &Arc<SourceText>, read: &ReadFile<'_>, aliases: &[(String, String)]) -> Result<Project, Error> {
    let root = yaml::parse(file).map_err(|e| Error { message: e.message, location: Some(e.location) })?;
    if root.as_map().is_none() {
        return Err(Error { message: "project.conf is a mapping".into(), location: Some(root.location()) });
    }
    let tree = Arc::new(root.clone());
    let options = Options::read(root.get("options"));
    let mut variants = Vec::new();
    let mut files = BTreeSet::from([file.path.to_string()]);
    for (arch, options) in options.for_each_arch() {
        let mut composed = compose::compose(&root, &options, read);
        files.append(&mut composed.included);
        // Options may be in an include: then they are known only now.
        let options = if options.is_empty() { Options::read(composed.root.get("options")) } else { options };
        let same_for_all = !composed.conditional && options.variables().next().is_none();
        variants.push((arch, one(composed, options, aliases, tree.clone())?));
        if same_for_all {
            break;
        }
    }
    let (_, mut project) =
        variants.first().cloned().ok_or(Error { message: "no architecture is declared".into(), location: None })?;
    project.files = files;
    if project.refs_apart {
        project.files.insert("project.refs".into());
    }
    if variants.len() > 1 {
        project.variants = variants;
    } else {
        project.options = options;
    }
    Ok(project)
}

/// The project as one architecture sees it.
fn one(composed: Composed, options: Options, aliases: &[(String, String)], tree: Arc<Node>) -> Result<Project, Error> {
    let Composed { root, gaps, .. } = composed;
    let text = |key: &str| root.get_str(key).map(str::to_owned);
    // No condition and no include decides about this key.
    let element_path = tree.get_str("element-path").map_or(".", str::trim);
    let element_path = clean_path(element_path).ok_or_else(|| Error {
        message: format!("`element-path` leaves the project: `{}`", element_path.escape_debug()),
        location: tree.get("element-path").map(Node::location),
    })?;
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, url) in root.get("aliases").and_then(Node::as_map).unwrap_or_default() {
        if let (Some(name), Some(url)) = (name.as_str(), url.as_str()) {
            all.insert(name.to_owned(), url.to_owned());
        }
    }
    all.extend(aliases.iter().cloned());
    Ok(Project {
        name: text("name").unwrap_or_default(),
        element_path,
        aliases: all,
        mirrors: mirrors(&root),

        options,
        sources: root.get("sources").cloned(),
        variables: root.get("variables").cloned(),
        refs_apart: root.get_str("ref-storage") == Some("project.refs"),
        gaps,
        files: BTreeSet::new(),
        variants: Vec::new(),
        tree,
    })
}

/// A relative path without `.` and empty parts. None when it is absolute or leaves its folder.
#[must_use]
pub fn clean_path(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A path without `.` and empty parts, and with `..` at most at its beginning. None when it is absolute.
#[must_use]
pub(crate) fn normal_path(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

impl Project {
    /// The path of an element below the project folder.
    #[must_use]
    pub fn path_of(&self, element: &str) -> String {
        if self.element_path.is_empty() { element.to_owned() } else { format!("{}/{element}", self.element_path) }
    }

    /// The element that a path below the project folder is.
    #[must_use]
    pub fn element_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let name = if self.element_path.is_empty() {
            Some(path)
        } else {
            path.strip_prefix(self.element_path.as_str())?.strip_prefix('/')
        };
        name.filter(|name| name.ends_with(".bst"))
    }

    /// The configuration of all sources of a kind.
    #[must_use]
    pub fn source_config(&self, kind: &str) -> Option<&Node> {
        self.sources.as_ref()?.get(kind)?.get("config")
    }

    /// The variables that an element sees: the project's, then its own, then BuildStream's.
    #[must_use]
    pub fn variables_of(&self, element: &str, own: Option<&Node>, options: &Options) -> Variables {
        let mut variables = Variables::default();
        for (name, value) in options.variables() {
            if let Some(value) = value {
                variables.set(name, &value);
            }
        }
        for node in [self.variables.as_ref(), own].into_iter().flatten() {
            for (name, value) in node.as_map().unwrap_or_default() {
                if let (Some(name), Some(value)) = (name.as_str(), value.as_str()) {
                    variables.set(name, value);
                }
            }
        }
        variables.set("project-name", &self.name);
        variables.set("element-name", element.trim_end_matches(".bst"));
        variables
    }

    /// A URL with its alias replaced.
    ///
    /// # Errors
    /// Names the alias that is not known.
    pub fn translate(&self, url: &str) -> Result<String, UnknownAlias> {
        let Some((alias, rest)) = url.split_once(':') else {
            return Ok(url.to_owned());
        };
        match self.aliases.get(alias) {
            Some(target) => Ok(format!("{target}{rest}")),
            None if rest.starts_with("//") => Ok(url.to_owned()),
            None => {
                let elsewhere = self.gaps.iter().any(|gap| matches!(gap, Gap::Junction { .. }));
                Err(UnknownAlias { alias: alias.to_owned(), elsewhere })
            }
        }
    }
}

/// The URLs of the mirrors, by the alias that they stand in for.
fn mirrors(root: &Node) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mirror in root.get("mirrors").and_then(Node::as_list).unwrap_or_default() {
        // With a plugin they are in its configuration.
        let aliases = mirror.get("aliases").or_else(|| mirror.get("config")?.get("aliases"));
        for (alias, urls) in aliases.and_then(Node::as_map).unwrap_or_default() {
            let urls = urls.as_list().unwrap_or_default().iter().filter_map(Node::as_str).map(str::to_owned);
            all.entry(alias.as_str().unwrap_or_default().to_owned()).or_default().extend(urls);
        }
    }
    all
}

/// A URL begins with an alias that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownAlias {
    /// The alias.
    pub alias: String,
    /// Whether it may be defined in a file of a junction, which is not read.
    pub elsewhere: bool,
}

impl std::fmt::Display for UnknownAlias {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hint = if self.elsewhere { " (files of junctions are not read)" } else { "" };
        let alias = self.alias.escape_debug();
        write!(
            f,
            "the alias `{alias}` is not defined in project.conf or its own includes{hint}; name it with --alias {alias}=URL"
        )
    }
}

impl std::error::Error for UnknownAlias {}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(text: &str, aliases: &[(&str, &str)]) -> Result<Project, Error> {
        let aliases: Vec<_> = aliases.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        parse(&Arc::new(SourceText::new(PROJECT_CONF, text)), &|_| Read::Absent, &aliases)
    }

    #[test]
    fn mirrors_are_known_by_their_alias() {
        let text = "name: p\nmirrors:\n- name: a\n  aliases:\n    gh: ['https://a.example/gh/']\n- name: b\n  kind: mirror\n  config:\n    aliases:\n      gh:\n      - https://b.example/\n- odd\n";
        let mirrors = project(text, &[]).unwrap().mirrors;
        assert_eq!(mirrors["gh"], ["https://a.example/gh/", "https://b.example/"]);
        assert!(project("name: p\nmirrors: x\n", &[]).unwrap().mirrors.is_empty());
    }

    #[test]
    fn the_command_line_wins_over_the_aliases_of_the_project() {
        let project =
            project("name: p\naliases:\n  github: https://github.com/\n", &[("github", "file:///tmp/")]).unwrap();
        assert_eq!(project.translate("github:a/b.git").unwrap(), "file:///tmp/a/b.git");
        assert_eq!(project.translate("https://x/y").unwrap(), "https://x/y");
        assert!(project.translate("gitlab:a").unwrap_err().to_string().contains("--alias gitlab=URL"));
    }

    #[test]
    fn elements_are_named_below_the_element_path() {
        let project = project("element-path: ./elements/\n", &[]).unwrap();
        assert_eq!(project.path_of("a/b.bst"), "elements/a/b.bst");
        assert_eq!(project.element_of("elements/a/b.bst"), Some("a/b.bst"));
        assert_eq!(project.element_of("other/b.bst"), None);
    }

    #[test]
    fn the_element_path_is_that_of_the_file_itself_whatever_conditions_say() {
        let conf =
            "element-path: ' e '\n(?):\n- not no: {element-path: x}\noptions:\n  no: {type: bool, default: false}\n";
        assert_eq!(project(conf, &[]).unwrap().element_path, "e");
    }

    #[test]
    fn an_element_path_outside_is_refused() {
        let error = project("name: p\nelement-path: ../x\n", &[]).unwrap_err();
        assert_eq!(error.to_string(), "project.conf:2:15: `element-path` leaves the project: `../x`");
    }

    #[test]
    fn paths_are_cleaned_and_never_leave() {
        assert_eq!(clean_path("a//./b/../c"), Some("a/c".into()));
        assert_eq!(clean_path("../a"), None);
        assert_eq!(clean_path("/a"), None);
        assert_eq!(clean_path("."), Some(String::new()));
        assert_eq!(normal_path("a/../../b/./c//"), Some("../b/c".into()));
        assert_eq!(normal_path("../../a/.."), Some("../..".into()));
        assert_eq!(normal_path("/a"), None);
    }
}
